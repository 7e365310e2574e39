-- name: organization_left
-- title: Account left or was removed from its organisation
-- severity: critical
-- denied: medium
-- failed: medium
-- tactic: defense-evasion, impact
-- technique: T1666
-- why: Outside the organisation none of its guard rails, trails and bills apply to the account any more.
-- benign: A company being sold; planned and announced long before.
-- check: Was it announced? If not, contact AWS support at once.
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.defense-evasion.organizations-leave/
SELECT * FROM events
WHERE eventsource = 'organizations.amazonaws.com' AND call IN ('LeaveOrganization', 'DeleteOrganization',
  'RemoveAccountFromOrganization')
