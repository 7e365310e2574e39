-- name: bedrock_model_access_requested
-- title: Access to an AI model bought or switched on
-- severity: medium
-- via_service: low
-- tactic: impact, persistence
-- technique: T1496.004
-- why: Thieves switch on expensive models and sell their use, at thousands a day.
-- benign: Developers of AI applications, once per model.
-- check: Who asked for the model? Are there calls to it from strangers' addresses?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.impact.bedrock-invoke-model/
SELECT * FROM events
WHERE eventsource IN ('bedrock.amazonaws.com', 'aws-marketplace.amazonaws.com',
  'agreement-marketplace.amazonaws.com') AND NOT by_service
  AND call IN ('PutUseCaseForModelAccess', 'CreateFoundationModelAgreement', 'PutFoundationModelEntitlement',
    'AcceptAgreementRequest', 'CreateAgreementRequest',
    'CreateProvisionedModelThroughput')
