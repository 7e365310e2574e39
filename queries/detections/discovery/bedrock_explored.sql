-- name: bedrock_explored
-- title: Bedrock models explored in several regions or ways
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: discovery
-- technique: T1526
-- correlate: value_count concat(awsregion, call) >= 4 within 10m by session
-- why: Thieves of model time first look which models an account may use, region by region.
-- benign: Developers of AI applications.
-- check: Does this principal have to do with AI?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.discovery.bedrock-enumerate-models-multiple-regions/
SELECT * FROM events
WHERE eventsource = 'bedrock.amazonaws.com' AND NOT by_service
  AND coalesce(sessioncredentialfromconsole, '') <> 'true'
  AND call IN ('ListFoundationModels', 'GetFoundationModel', 'GetFoundationModelAvailability',
    'ListFoundationModelAgreementOffers', 'GetUseCaseForModelAccess',
    'GetModelInvocationLoggingConfiguration', 'ListProvisionedModelThroughputs', 'ListCustomModels',
    'ListInferenceProfiles', 'InvokeModel', 'Converse')
