-- name: lambda_layer_added_by_person
-- title: Layers of a Lambda function changed by a person
-- severity: medium
-- via_service: low
-- tactic: persistence, execution
-- technique: T1648, T1525
-- why: A layer runs inside the function, with its role and its data, without the function's own code changing.
-- benign: Developers trying a layer by hand.
-- check: Who published the layer? What does it start?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.lambda-layer-extension/
SELECT * FROM events
WHERE eventsource = 'lambda.amazonaws.com' AND call = 'UpdateFunctionConfiguration' AND NOT by_service
  AND (json_extract_scalar(requestparameters, '$.layers[0]') IS NOT NULL
    OR json_extract(responseelements, '$.layers[0]') IS NOT NULL)
  AND (useridentity.type IN ('IAMUser', 'FederatedUser', 'IdentityCenterUser')
    OR contains(coalesce(useridentity.arn, ''), ':assumed-role/AWSReservedSSO_'))
