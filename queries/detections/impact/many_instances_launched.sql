-- name: many_instances_launched
-- title: Many EC2 instances started at once
-- severity: medium
-- denied: low
-- failed: low
-- via_service: low
-- tactic: impact, execution
-- technique: T1496.001, T1578.002
-- why: Dozens of machines at once are what coin miners ask for.
-- benign: Load tests, batch work.
-- check: Which image and type? Does anybody expect them?
-- reference: https://attack.mitre.org/techniques/T1496/001/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call = 'RunInstances' AND NOT by_service
  AND TRY_CAST(coalesce(json_extract_scalar(requestparameters, '$.instancesSet.items[0].maxCount'),
    json_extract_scalar(requestparameters, '$.maxCount')) AS bigint) >= 10
