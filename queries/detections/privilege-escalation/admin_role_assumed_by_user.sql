-- name: admin_role_assumed_by_user
-- title: IAM user took an administrator's role
-- severity: medium
-- via_service: low
-- tactic: privilege-escalation, lateral-movement
-- technique: T1078.004, T1550.001
-- why: A long-lived key was enough to become administrator.
-- benign: Administrators who work with a user and change to the role with MFA.
-- check: Was MFA used? Did the user come from a known address?
-- reference: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
SELECT * FROM events
WHERE eventsource = 'sts.amazonaws.com' AND call = 'AssumeRole' AND useridentity.type = 'IAMUser'
  AND NOT by_service
  AND regexp_like(split_part(json_extract_scalar(requestparameters, '$.roleArn'), ':role/', 2),
    '(?i)admin|power.?user|super.?user|full.?access|break.?glass|emergency|OrganizationAccountAccessRole')
