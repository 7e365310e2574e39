-- name: parameters_decrypted_one_by_one
-- title: Many encrypted parameters read one by one
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: credential-access
-- technique: T1555.006
-- correlate: value_count coalesce(json_extract_scalar(requestparameters, '$.name'), json_extract(requestparameters, '$.names')) >= 10 within 10m by session
-- why: Parameter Store holds passwords; somebody is reading one after the other.
-- benign: Applications that start.
-- check: Which parameters? Is it a program that needs them?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.credential-access.ssm-retrieve-securestring-parameters/
SELECT * FROM events
WHERE eventsource = 'ssm.amazonaws.com' AND call IN ('GetParameter',
  'GetParameters') AND NOT by_service AND coalesce(sessioncredentialfromconsole, '') <> 'true'
  AND json_extract_scalar(requestparameters, '$.withDecryption') = 'true'
