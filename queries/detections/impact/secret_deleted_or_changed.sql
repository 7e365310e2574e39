-- name: secret_deleted_or_changed
-- title: Secret deleted without a way back, or its rotation stopped
-- severity: medium
-- via_tool: low
-- via_service: low
-- tactic: impact, defense-evasion
-- technique: T1485, T1562.001
-- why: A deleted secret stops whatever needs it; an unrotated one stays useful to a thief.
-- benign: Applications being dismantled, also by infrastructure as code.
-- check: What uses the secret?
-- reference: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
SELECT * FROM events
WHERE eventsource = 'secretsmanager.amazonaws.com' AND NOT by_service
  AND (call = 'DeleteSecret'
    AND json_extract_scalar(requestparameters, '$.forceDeleteWithoutRecovery') = 'true' OR call = 'CancelRotateSecret')
