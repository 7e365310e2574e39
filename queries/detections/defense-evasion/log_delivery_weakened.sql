-- name: log_delivery_weakened
-- title: Logs kept shorter, or no longer forwarded or watched
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.008, T1070
-- why: Alarms and the central log no longer see what the application or trail writes.
-- benign: Logging being rebuilt; costs being cut.
-- check: What fed on the log? Is CloudTrail's own log group meant?
-- reference: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteSubscriptionFilter.html
SELECT * FROM events
WHERE eventsource = 'logs.amazonaws.com' AND NOT by_service
  AND (call IN ('DeleteSubscriptionFilter', 'DeleteMetricFilter', 'DeleteDestination',
    'DeleteDataProtectionPolicy', 'DeleteAccountPolicy', 'DeleteDelivery')
    OR call = 'PutRetentionPolicy'
      AND TRY_CAST(json_extract_scalar(requestparameters, '$.retentionInDays') AS bigint) <= 7)
