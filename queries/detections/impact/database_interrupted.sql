-- name: database_interrupted
-- title: Database stopped, restarted or failed over
-- severity: medium
-- via_service: low
-- tactic: impact
-- technique: T1529, T1489
-- why: The application stands still for a while.
-- benign: Maintenance and drills.
-- check: Was it announced?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_FailoverDBCluster.html
SELECT * FROM events
WHERE eventsource = 'rds.amazonaws.com' AND NOT by_service
  AND call IN ('FailoverDBCluster', 'FailoverGlobalCluster', 'SwitchoverGlobalCluster', 'RebootDBInstance',
    'RebootDBCluster', 'StopDBInstance', 'StopDBCluster')
