-- name: secrets_read_in_bulk
-- title: Many secrets read in minutes
-- severity: high
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: credential-access
-- technique: T1555.006
-- correlate: value_count json_extract_scalar(requestparameters, '$.secretId') >= 5 within 10m by session
-- why: Somebody is emptying the password store.
-- benign: A tool that copies or checks all secrets; infrastructure as code refreshing its state.
-- check: Which secrets? Rotate them if nobody can explain it.
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.credential-access.secretsmanager-retrieve-secrets/
SELECT * FROM events
WHERE eventsource = 'secretsmanager.amazonaws.com' AND call = 'GetSecretValue' AND NOT by_service
  AND coalesce(sessioncredentialfromconsole, '') <> 'true'
