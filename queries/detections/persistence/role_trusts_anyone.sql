-- name: role_trusts_anyone
-- title: Role can be assumed by anyone
-- severity: high
-- tactic: persistence
-- technique: T1098.003, T1484.002
-- why: Everybody with an AWS account can take this role.
-- benign: None; a wildcard without a condition is a mistake at best.
-- check: What may the role do, and who has assumed it since?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call IN ('CreateRole', 'UpdateAssumeRolePolicy')
  AND allows_anyone(coalesce(json_extract(requestparameters, '$.assumeRolePolicyDocument'),
    json_extract(requestparameters, '$.policyDocument')))
