-- name: bedrock_guardrail_changed
-- title: Guardrail of Bedrock models deleted or changed
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.001
-- why: Without it the models answer what they should refuse.
-- benign: The application's developers tuning it.
-- check: What does it still block?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.defense-evasion.bedrock-guardrail-delete/
SELECT * FROM events
WHERE eventsource = 'bedrock.amazonaws.com' AND NOT by_service AND call IN ('DeleteGuardrail',
  'UpdateGuardrail')
