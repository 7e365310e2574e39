-- name: admin_policy_attached
-- title: Administrator rights given to a user, group or role
-- severity: high
-- tactic: privilege-escalation
-- technique: T1098.003
-- why: Whoever holds that identity can now do everything in the account.
-- benign: An administrator or pipeline setting up an administrative role.
-- check: Who got the rights, and did the one who gave them have a reason? Is it the same person?
-- reference: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call IN ('AttachUserPolicy', 'AttachRolePolicy',
  'AttachGroupPolicy')
  AND regexp_like(json_extract_scalar(requestparameters, '$.policyArn'), ':policy/(AdministratorAccess|IAMFullAccess)$')
