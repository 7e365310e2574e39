-- name: serial_console_key_pushed
-- title: SSH key pushed to the serial console of an instance
-- severity: high
-- tactic: lateral-movement
-- technique: T1021.008, T1098.004
-- why: The serial console is a way in that no firewall rule and no network log sees.
-- benign: Mending an instance that no longer starts.
-- check: Was the instance broken at that time?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.lateral-movement.ec2-serial-console-send-ssh-public-key/
SELECT * FROM events
WHERE eventsource = 'ec2-instance-connect.amazonaws.com' AND call = 'SendSerialConsoleSSHPublicKey'
