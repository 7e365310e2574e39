-- name: database_backup_deleted
-- title: Backups of a database deleted or switched off
-- severity: medium
-- via_service: low
-- tactic: impact
-- technique: T1490, T1485
-- why: Without backups there is no way back after the data are destroyed or held to ransom.
-- benign: Clean-up of old snapshots.
-- check: Which backups are left?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBSnapshot.html
SELECT * FROM events
WHERE eventsource IN ('rds.amazonaws.com', 'redshift.amazonaws.com', 'dynamodb.amazonaws.com',
  'elasticache.amazonaws.com') AND NOT by_service
  AND (call IN ('DeleteDBSnapshot', 'DeleteDBClusterSnapshot', 'DeleteDBInstanceAutomatedBackup',
    'DeleteDBClusterAutomatedBackup', 'DeleteClusterSnapshot',
      'BatchDeleteClusterSnapshots', 'DisableSnapshotCopy', 'DeleteBackup', 'DeleteSnapshot',
      'StopDBInstanceAutomatedBackupsReplication')
    OR call IN ('ModifyDBInstance',
      'ModifyDBCluster') AND json_extract_scalar(requestparameters, '$.backupRetentionPeriod') = '0'
    OR call = 'UpdateContinuousBackups'
      AND regexp_like(requestparameters, '"pointInTimeRecoveryEnabled":\s*false'))
