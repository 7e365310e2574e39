-- name: role_created_for_other_account
-- title: New role that another account may assume
-- severity: medium
-- tactic: persistence, lateral-movement
-- technique: T1098.003, T1136.003
-- why: Whoever owns the other account has a standing way in, with all the role's rights.
-- benign: Monitoring and backup vendors; accounts of the same organisation.
-- check: Whose account is it, and what may the role do?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.iam-create-backdoor-role/
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call = 'CreateRole'
  AND allows_other_account(json_extract(requestparameters, '$.assumeRolePolicyDocument'), account)
  AND NOT allows_anyone(json_extract(requestparameters, '$.assumeRolePolicyDocument'))
