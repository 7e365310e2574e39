-- name: deletion_protection_removed
-- title: Deletion protection switched off
-- severity: medium
-- via_service: low
-- tactic: impact, defense-evasion
-- technique: T1485, T1562.001
-- why: The safety catch is off; deletion is the next step.
-- benign: A planned removal.
-- check: Was it announced? What followed?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
SELECT * FROM events
WHERE NOT by_service
  AND (eventsource = 'rds.amazonaws.com' AND call IN ('ModifyDBInstance', 'ModifyDBCluster',
    'ModifyGlobalCluster')
      AND json_extract_scalar(requestparameters, '$.deletionProtection') = 'false'
    OR eventsource = 'dynamodb.amazonaws.com' AND call = 'UpdateTable'
      AND json_extract_scalar(requestparameters, '$.deletionProtectionEnabled') = 'false'
    OR eventsource = 'ec2.amazonaws.com' AND call = 'ModifyInstanceAttribute'
      AND json_extract_scalar(requestparameters, '$.disableApiTermination.value') = 'false'
    OR eventsource = 'cloudformation.amazonaws.com' AND call = 'UpdateTerminationProtection'
      AND json_extract_scalar(requestparameters, '$.enableTerminationProtection') = 'false'
    OR eventsource = 'cognito-idp.amazonaws.com' AND call = 'UpdateUserPool'
      AND json_extract_scalar(requestparameters, '$.deletionProtection') = 'INACTIVE')
