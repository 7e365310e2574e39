-- name: console_screen_read
-- title: Screen of an instance captured
-- severity: low
-- via_service: informational
-- tactic: collection
-- technique: T1113
-- why: The picture may show a password or an unlocked desktop.
-- benign: Looking why an instance does not start.
-- check: Was the instance broken at that time?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleScreenshot.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call IN ('GetConsoleScreenshot',
  'GetConsoleOutput') AND NOT by_service
