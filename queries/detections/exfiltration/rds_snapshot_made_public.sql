-- name: rds_snapshot_made_public
-- title: Database snapshot opened to everyone
-- severity: high
-- tactic: exfiltration
-- technique: T1537
-- why: Anyone with an AWS account can restore the whole database.
-- benign: None for real data.
-- check: Close it at once; take the data as known.
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.exfiltration.rds-share-snapshot/
SELECT * FROM events
WHERE eventsource = 'rds.amazonaws.com' AND call IN ('ModifyDBSnapshotAttribute',
  'ModifyDBClusterSnapshotAttribute')
  AND contains(coalesce(json_extract(requestparameters, '$.valuesToAdd'), ''), '"all"')
