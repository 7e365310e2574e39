-- name: serial_console_enabled
-- title: Serial console of instances allowed
-- severity: medium
-- tactic: lateral-movement, defense-evasion
-- technique: T1021.008
-- why: The serial console is a way in that no firewall rule and no network log sees.
-- benign: Mending an instance that no longer starts.
-- check: Who used it? Switch it off again.
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableSerialConsoleAccess.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call = 'EnableSerialConsoleAccess'
