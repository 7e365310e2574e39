-- name: powerful_policy_attached
-- title: Far-reaching AWS policy attached
-- severity: medium
-- via_service: low
-- tactic: privilege-escalation
-- technique: T1098.003
-- why: The policy gives control over whole services, from which more rights can be won.
-- benign: Administrators setting up teams.
-- check: Does the identity need all of it?
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call IN ('AttachUserPolicy', 'AttachRolePolicy',
  'AttachGroupPolicy') AND NOT by_service
  AND regexp_like(json_extract_scalar(requestparameters, '$.policyArn'),
    ':policy/(PowerUserAccess|SystemAdministrator|job-function/SystemAdministrator|job-function/DatabaseAdministrator|AWSOrganizationsFullAccess|AWSSSO(MasterAccount|MemberAccount)?Administrator|AmazonSSMFullAccess|AWSLambda_FullAccess|AmazonEC2FullAccess|AmazonS3FullAccess|SecretsManagerReadWrite|AWSCloudFormationFullAccess|AWSCodeBuildAdminAccess|AWSGlueConsoleFullAccess)$')
