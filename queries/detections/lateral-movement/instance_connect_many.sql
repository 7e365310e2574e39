-- name: instance_connect_many
-- title: SSH keys pushed to several instances
-- severity: high
-- denied: medium
-- failed: medium
-- via_service: low
-- tactic: lateral-movement
-- technique: T1021.004, T1098.004
-- correlate: value_count json_extract_scalar(requestparameters, '$.instanceId') >= 3 within 15m by session
-- why: Somebody is going from machine to machine.
-- benign: Maintenance by script.
-- check: Was it announced?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.lateral-movement.ec2-instance-connect/
SELECT * FROM events
WHERE eventsource = 'ec2-instance-connect.amazonaws.com' AND call IN ('SendSSHPublicKey',
  'SendSerialConsoleSSHPublicKey') AND NOT by_service
