-- name: file_system_deleted
-- title: File system or its mount points deleted
-- severity: medium
-- via_service: low
-- tactic: impact
-- technique: T1485
-- why: Files of many machines are gone or out of reach.
-- benign: Environments being dismantled.
-- check: Is there a backup?
-- reference: https://docs.aws.amazon.com/efs/latest/ug/API_DeleteFileSystem.html
SELECT * FROM events
WHERE eventsource IN ('elasticfilesystem.amazonaws.com', 'fsx.amazonaws.com') AND NOT by_service
  AND call IN ('DeleteFileSystem', 'DeleteMountTarget', 'DeleteBackup', 'DeleteVolume',
    'DeleteStorageVirtualMachine', 'DeleteReplicationConfiguration', 'DeleteFileSystemPolicy')
