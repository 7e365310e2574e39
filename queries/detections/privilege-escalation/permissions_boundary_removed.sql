-- name: permissions_boundary_removed
-- title: Permissions boundary removed or changed
-- severity: medium
-- via_service: low
-- tactic: privilege-escalation, defense-evasion
-- technique: T1098.003, T1548
-- why: The boundary was the ceiling above this identity's rights.
-- benign: Guard rails being reworked.
-- check: What may the identity do without it?
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND NOT by_service
  AND call IN ('DeleteUserPermissionsBoundary', 'DeleteRolePermissionsBoundary',
    'PutUserPermissionsBoundary', 'PutRolePermissionsBoundary')
