-- name: console_screens_read
-- title: Screens or logs of several instances captured
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: collection
-- technique: T1113
-- correlate: value_count json_extract_scalar(requestparameters, '$.instanceId') >= 3 within 15m by session
-- why: Start-up logs and screens hold passwords and keys; somebody is collecting them.
-- benign: A script that looks for broken instances.
-- check: Was it announced?
-- reference: https://attack.mitre.org/techniques/T1113/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call IN ('GetConsoleScreenshot',
  'GetConsoleOutput') AND NOT by_service AND coalesce(sessioncredentialfromconsole, '') <> 'true'
