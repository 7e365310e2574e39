-- name: user_data_read_from_instances
-- title: Start-up scripts of several instances read
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: discovery, credential-access
-- technique: T1552, T1580
-- correlate: value_count json_extract_scalar(requestparameters, '$.instanceId') >= 3 within 10m by session
-- why: Start-up scripts often hold passwords and keys.
-- benign: Inventory tools; infrastructure as code is left out.
-- check: Do our scripts hold secrets?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.discovery.ec2-download-user-data/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call = 'DescribeInstanceAttribute' AND NOT by_service
  AND coalesce(sessioncredentialfromconsole, '') <> 'true'
  AND json_extract_scalar(requestparameters, '$.attribute') = 'userData'
