-- name: rds_data_exported
-- title: Database data exported, copied away or restored elsewhere
-- severity: medium
-- via_service: low
-- tactic: exfiltration
-- technique: T1537, T1213.006
-- why: The data leave the database, past its own access rules.
-- benign: Analytics and moves.
-- check: Whose bucket or account is the destination? In which region?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StartExportTask.html
SELECT * FROM events
WHERE eventsource = 'rds.amazonaws.com' AND NOT by_service
  AND (call IN ('StartExportTask', 'AddRoleToDBCluster', 'AddRoleToDBInstance')
    OR call IN ('CopyDBSnapshot', 'CopyDBClusterSnapshot')
      AND (json_extract_scalar(requestparameters, '$.sourceRegion') <> awsregion
        OR split_part(coalesce(json_extract_scalar(requestparameters, '$.sourceDBSnapshotIdentifier'),
          json_extract_scalar(requestparameters, '$.sourceDBClusterSnapshotIdentifier')), ':', 4) NOT IN ('',
            awsregion)))
