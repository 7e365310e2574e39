-- name: lambda_code_replaced_by_person
-- title: Code of a Lambda function replaced by a person
-- severity: medium
-- via_service: low
-- tactic: persistence, execution
-- technique: T1648, T1525
-- why: New code runs with the function's role and sees its data; people rarely do this outside a pipeline.
-- benign: Developers deploying by hand, mostly to test accounts.
-- check: Compare the code with the repository. What may the function's role do?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.lambda-overwrite-code/
SELECT * FROM events
WHERE eventsource = 'lambda.amazonaws.com' AND call = 'UpdateFunctionCode' AND NOT by_service
  AND coalesce(json_extract_scalar(requestparameters, '$.dryRun'), 'false') <> 'true'
  AND (useridentity.type IN ('IAMUser', 'FederatedUser', 'IdentityCenterUser')
    OR contains(coalesce(useridentity.arn, ''), ':assumed-role/AWSReservedSSO_'))
