-- name: admin_policy_written
-- title: Policy that allows everything written
-- severity: high
-- tactic: privilege-escalation
-- technique: T1098.003, T1548
-- why: A policy that allows all actions on everything makes its holder an administrator, without the well-known name.
-- benign: A baseline being rolled out; administrative roles made by hand.
-- check: Who has the policy? Was a new version made the default?
-- reference: https://hackingthe.cloud/aws/exploitation/iam_privilege_escalation/
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com'
  AND call IN ('PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'CreatePolicy', 'CreatePolicyVersion')
  AND grants_admin(json_extract(requestparameters, '$.policyDocument'))
