-- name: database_made_public
-- title: Database made reachable from the internet
-- severity: high
-- tactic: exfiltration, initial-access
-- technique: T1530, T1190
-- why: Only the password and the security group stand between the data and the world.
-- benign: Test databases.
-- check: Does the security group let everyone in? What data are there?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
SELECT * FROM events
WHERE eventsource IN ('rds.amazonaws.com', 'redshift.amazonaws.com', 'redshift-serverless.amazonaws.com',
  'dms.amazonaws.com')
  AND call IN ('ModifyDBInstance', 'ModifyDBCluster', 'CreateDBInstance', 'CreateDBCluster',
    'RestoreDBInstanceFromDBSnapshot', 'RestoreDBInstanceFromS3',
    'RestoreDBInstanceToPointInTime', 'RestoreDBClusterFromSnapshot', 'RestoreDBClusterToPointInTime',
    'CreateDBInstanceReadReplica',
    'CreateCluster', 'ModifyCluster', 'RestoreFromClusterSnapshot', 'CreateWorkgroup', 'UpdateWorkgroup',
    'CreateReplicationInstance')
  AND json_extract_scalar(requestparameters, '$.publiclyAccessible') = 'true'
