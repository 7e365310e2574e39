-- name: alarms_disabled
-- title: CloudWatch alarms deleted or silenced
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.001, T1562.008
-- why: Nobody is told any more of what the alarm watched.
-- benign: Resources being dismantled; autoscaling removing its own alarms is left out.
-- check: What did the alarm watch?
-- reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
SELECT * FROM events
WHERE eventsource = 'monitoring.amazonaws.com' AND NOT by_service AND call IN ('DeleteAlarms',
  'DisableAlarmActions')
