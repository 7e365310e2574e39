-- name: lambda_permission_foreign
-- title: Lambda function or layer opened to anyone or another account
-- severity: high
-- tactic: persistence, execution
-- technique: T1098, T1648
-- why: Strangers can run this function with its role's rights, at any time, without credentials of ours.
-- benign: A function shared with another account of the company, or a public webhook.
-- check: Who is the principal? What may the function's role do?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.lambda-backdoor-function/
SELECT * FROM events
WHERE eventsource = 'lambda.amazonaws.com' AND call IN ('AddPermission', 'AddLayerVersionPermission')
  AND json_extract_scalar(requestparameters, '$.principalOrgID') IS NULL
  AND json_extract_scalar(requestparameters, '$.organizationId') IS NULL
  AND (json_extract_scalar(requestparameters, '$.principal') = '*'
    OR (regexp_like(json_extract_scalar(requestparameters, '$.principal'), '^([0-9]{12}|arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:.+)$')
      AND NOT contains(json_extract_scalar(requestparameters, '$.principal'), account)))
