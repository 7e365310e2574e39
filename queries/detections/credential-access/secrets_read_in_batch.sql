-- name: secrets_read_in_batch
-- title: Secrets read in batches
-- severity: medium
-- via_service: low
-- tactic: credential-access
-- technique: T1555.006
-- why: One call hands out up to twenty secrets; it takes no list of names, only a filter.
-- benign: Applications that load several secrets at their start.
-- check: Is the filter one that fits only that application?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.credential-access.secretsmanager-batch-retrieve-secrets/
SELECT * FROM events
WHERE eventsource = 'secretsmanager.amazonaws.com' AND call = 'BatchGetSecretValue' AND NOT by_service
  AND json_extract(requestparameters, '$.filters') IS NOT NULL
