-- name: bedrock_logging_removed
-- title: Logging of Bedrock model calls removed
-- severity: high
-- denied: medium
-- tactic: defense-evasion
-- technique: T1562.008
-- why: What is asked of the models, and at whose cost, is no longer recorded: the usual first step of model abuse.
-- benign: Costs being cut.
-- check: Who did it, and how many model calls followed?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.defense-evasion.bedrock-model-invocation-logging-delete/
SELECT * FROM events
WHERE eventsource = 'bedrock.amazonaws.com' AND call = 'DeleteModelInvocationLoggingConfiguration'
