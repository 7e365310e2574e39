-- name: region_enabled
-- title: Region switched on
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1535
-- why: Machines and data in a region nobody uses are watched by nobody.
-- benign: A planned move into a new region.
-- check: Was it announced? Is GuardDuty on there?
-- reference: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
SELECT * FROM events
WHERE call = 'EnableRegion' AND NOT by_service
