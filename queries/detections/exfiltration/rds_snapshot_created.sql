-- name: rds_snapshot_created
-- title: Database snapshot made
-- severity: medium
-- via_service: low
-- tactic: exfiltration, collection
-- technique: T1537, T1213.006
-- why: A snapshot is a copy of the whole database that can be carried away.
-- benign: A backup before a change.
-- check: Was it shared, copied or exported afterwards?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html
SELECT * FROM events
WHERE eventsource = 'rds.amazonaws.com' AND call IN ('CreateDBSnapshot',
  'CreateDBClusterSnapshot') AND NOT by_service
  AND json_extract_scalar(responseelements, '$.snapshotType') IN ('manual', 'public', 'shared')
