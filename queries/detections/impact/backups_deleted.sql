-- name: backups_deleted
-- title: Backups or backup plans deleted
-- severity: high
-- via_service: low
-- tactic: impact
-- technique: T1490
-- why: Without backups there is no way back; deleting them comes right before a ransom note.
-- benign: Clean-up; a change of the backup product.
-- check: Which backups are left? Lock them.
-- reference: https://docs.aws.amazon.com/aws-backup/latest/devguide/deleting-backups.html
SELECT * FROM events
WHERE eventsource = 'backup.amazonaws.com' AND NOT by_service
  AND call IN ('DeleteRecoveryPoint', 'DeleteBackupVault', 'DeleteBackupPlan', 'DeleteBackupSelection',
    'DeleteBackupVaultLockConfiguration', 'DeleteBackupVaultAccessPolicy',
    'DisassociateRecoveryPoint', 'StopBackupJob', 'UpdateGlobalSettings', 'DeleteBackupVaultNotifications')
