-- name: log_group_deleted
-- title: CloudWatch logs deleted
-- severity: medium
-- via_service: low
-- tactic: defense-evasion, impact
-- technique: T1070, T1562.008
-- why: The log and all it held are gone for good.
-- benign: Applications being dismantled, also by infrastructure as code.
-- check: What wrote to the log? Is there a copy?
-- reference: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html
SELECT * FROM events
WHERE eventsource = 'logs.amazonaws.com' AND NOT by_service AND call IN ('DeleteLogGroup', 'DeleteLogStream')
