-- name: rds_restored
-- title: Database restored from a snapshot or bucket
-- severity: low
-- via_service: informational
-- tactic: exfiltration, collection
-- technique: T1578.002, T1213.006
-- why: A restored copy has a new password and perhaps another firewall.
-- benign: Tests of backups; mending.
-- check: Who can reach the copy?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html
SELECT * FROM events
WHERE eventsource = 'rds.amazonaws.com' AND NOT by_service
  AND call IN ('RestoreDBInstanceFromDBSnapshot', 'RestoreDBClusterFromSnapshot', 'RestoreDBInstanceFromS3',
    'RestoreDBInstanceToPointInTime', 'RestoreDBClusterToPointInTime')
