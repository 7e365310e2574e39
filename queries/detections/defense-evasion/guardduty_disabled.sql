-- name: guardduty_disabled
-- title: GuardDuty deleted or switched off
-- severity: high
-- denied: medium
-- tactic: defense-evasion
-- technique: T1562.001
-- why: The account's burglar alarm is off.
-- benign: An account being closed; a move to a central administrator.
-- check: Was it announced? Switch it on again and look at what came after.
-- reference: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DeleteDetector.html
SELECT * FROM events
WHERE eventsource = 'guardduty.amazonaws.com'
  AND (call IN ('DeleteDetector', 'StopMonitoringMembers', 'DisableOrganizationAdminAccount')
    OR call = 'UpdateDetector' AND json_extract_scalar(requestparameters, '$.enable') = 'false')
