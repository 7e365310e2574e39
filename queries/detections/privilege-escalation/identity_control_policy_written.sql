-- name: identity_control_policy_written
-- title: Policy that gives control over identities written
-- severity: medium
-- via_service: low
-- tactic: privilege-escalation
-- technique: T1098.003, T1548
-- why: Who may change policies, keys or role trusts, or pass any role, can become administrator in one more step.
-- benign: Rights for pipelines and identity teams.
-- check: Who holds the policy? Is it narrowed to certain roles or by a boundary?
-- reference: https://hackingthe.cloud/aws/exploitation/iam_privilege_escalation/
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND NOT by_service
  AND call IN ('PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'CreatePolicy', 'CreatePolicyVersion')
  AND contains(json_extract_scalar(requestparameters, '$.policyDocument'), 'Allow')
  AND regexp_like(json_extract_scalar(requestparameters, '$.policyDocument'),
    '(?i)"(iam:\*|iam:(Put|Attach|Create|Update|Set|Add|Pass)\*|iam:(PassRole|PutUserPolicy|PutRolePolicy|PutGroupPolicy|AttachUserPolicy|AttachRolePolicy|AttachGroupPolicy|CreatePolicyVersion|SetDefaultPolicyVersion|CreateAccessKey|CreateLoginProfile|UpdateLoginProfile|UpdateAssumeRolePolicy|AddUserToGroup)|sts:\*|sts:AssumeRole|organizations:\*|sso:\*)"')
  AND regexp_like(json_extract_scalar(requestparameters, '$.policyDocument'), '(?i)"resource"\s*:\s*(\[\s*)?"\*"')
