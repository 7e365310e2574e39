-- name: secrets_read_in_many_regions
-- title: Secrets read in several regions
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: credential-access
-- technique: T1555.006, T1535
-- correlate: value_count awsregion >= 3 within 10m by session
-- why: An application lives in its region; a thief tries them all.
-- benign: A tool that checks all secrets.
-- check: Whose credentials are they?
-- reference: https://attack.mitre.org/techniques/T1555/006/
SELECT * FROM events
WHERE eventsource = 'secretsmanager.amazonaws.com' AND call IN ('GetSecretValue', 'BatchGetSecretValue',
  'ListSecrets') AND NOT by_service AND coalesce(sessioncredentialfromconsole, '') <> 'true'
