-- name: config_disabled
-- title: AWS Config stopped or deleted
-- severity: high
-- tactic: defense-evasion
-- technique: T1562.008
-- why: Changes to resources are no longer recorded or checked.
-- benign: An account being closed; costs being cut.
-- check: Was it announced? What was changed after it?
-- reference: https://docs.aws.amazon.com/config/latest/APIReference/API_StopConfigurationRecorder.html
SELECT * FROM events
WHERE eventsource = 'config.amazonaws.com'
  AND call IN ('StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel')
