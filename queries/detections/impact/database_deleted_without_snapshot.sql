-- name: database_deleted_without_snapshot
-- title: Database deleted without a last snapshot
-- severity: high
-- via_service: low
-- tactic: impact
-- technique: T1485, T1490
-- why: All its data are gone, and whoever did it wanted them gone.
-- benign: Test databases being removed.
-- check: Are there automated backups or copies elsewhere?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
SELECT * FROM events
WHERE eventsource IN ('rds.amazonaws.com', 'redshift.amazonaws.com') AND NOT by_service
  AND call IN ('DeleteDBInstance', 'DeleteDBCluster', 'DeleteCluster')
  AND coalesce(json_extract_scalar(requestparameters, '$.skipFinalSnapshot'), json_extract_scalar(requestparameters, '$.skipFinalClusterSnapshot')) = 'true'
