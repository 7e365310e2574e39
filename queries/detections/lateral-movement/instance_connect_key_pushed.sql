-- name: instance_connect_key_pushed
-- title: SSH key pushed to an instance
-- severity: medium
-- via_service: low
-- tactic: lateral-movement, persistence
-- technique: T1021.004, T1098.004
-- why: The key opens the instance for a minute, long enough to log in.
-- benign: Administrators whose usual way in it is, also from the console.
-- check: Does this person work on the instance?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.lateral-movement.ec2-instance-connect/
SELECT * FROM events
WHERE eventsource IN ('ec2-instance-connect.amazonaws.com',
  'ec2.amazonaws.com') AND call IN ('SendSSHPublicKey', 'OpenTunnel') AND NOT by_service
