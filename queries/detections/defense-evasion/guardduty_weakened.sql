-- name: guardduty_weakened
-- title: GuardDuty sees, keeps or reports less
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.001
-- why: Trusted address lists, filters and missing members are blind spots of the alarm.
-- benign: The security team tuning it.
-- check: Which addresses, findings or accounts are left out now?
-- reference: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_upload-lists.html
SELECT * FROM events
WHERE eventsource = 'guardduty.amazonaws.com' AND NOT by_service
  AND (call IN ('CreateIPSet', 'UpdateIPSet', 'DeleteThreatIntelSet', 'CreateTrustedEntitySet',
    'UpdateTrustedEntitySet',
      'DeletePublishingDestination', 'DeleteMembers', 'DisassociateMembers', 'DisassociateFromMasterAccount',
      'DisassociateFromAdministratorAccount', 'DeleteInvitations', 'ArchiveFindings',
      'DeleteMalwareProtectionPlan')
    OR call IN ('CreateFilter',
      'UpdateFilter') AND json_extract_scalar(requestparameters, '$.action') = 'ARCHIVE'
    OR call IN ('UpdateDetector', 'UpdateMemberDetectors', 'UpdateOrganizationConfiguration')
      AND coalesce(json_extract_scalar(requestparameters, '$.enable'), '') <> 'false'
      AND regexp_like(coalesce(requestparameters, ''), '"status":\s*"DISABLED"|"enable":\s*false|"autoEnable":\s*("NONE"|false)'))
