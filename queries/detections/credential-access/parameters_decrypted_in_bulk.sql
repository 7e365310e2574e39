-- name: parameters_decrypted_in_bulk
-- title: Many encrypted parameters read in minutes
-- severity: high
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: credential-access
-- technique: T1555.006
-- correlate: event_count >= 3 within 10m by session
-- why: Parameter Store holds passwords; somebody is emptying it.
-- benign: Applications with many settings that start; infrastructure as code refreshing its state.
-- check: Which parameters? Is it a program that needs them?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.credential-access.ssm-retrieve-securestring-parameters/
SELECT * FROM events
WHERE eventsource = 'ssm.amazonaws.com' AND call IN ('GetParameters',
  'GetParametersByPath') AND NOT by_service AND coalesce(sessioncredentialfromconsole, '') <> 'true'
  AND json_extract_scalar(requestparameters, '$.withDecryption') = 'true'
  AND (call = 'GetParametersByPath' OR json_extract_scalar(requestparameters, '$.names[4]') IS NOT NULL)
