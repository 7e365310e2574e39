-- name: role_trust_changed_for_other_account
-- title: Existing role opened to another account
-- severity: high
-- tactic: persistence, lateral-movement
-- technique: T1098.003, T1484.002
-- why: Whoever owns the other account can now act with this role's rights, from outside.
-- benign: A vendor being connected; accounts of the same organisation.
-- check: Whose account is it? Is there an external id? Who has assumed the role since?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.iam-backdoor-role/
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call = 'UpdateAssumeRolePolicy'
  AND allows_other_account(json_extract(requestparameters, '$.policyDocument'), account)
  AND NOT allows_anyone(json_extract(requestparameters, '$.policyDocument'))
