-- name: database_deleted
-- title: Database deleted
-- severity: medium
-- via_service: low
-- tactic: impact
-- technique: T1485
-- why: All its data are gone unless there is a snapshot.
-- benign: Environments being dismantled.
-- check: Was it announced? Is there a snapshot?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
SELECT * FROM events
WHERE eventsource IN ('rds.amazonaws.com', 'redshift.amazonaws.com', 'dynamodb.amazonaws.com',
  'es.amazonaws.com', 'elasticache.amazonaws.com',
    'redshift-serverless.amazonaws.com') AND NOT by_service
  AND call IN ('DeleteDBInstance', 'DeleteDBCluster', 'DeleteGlobalCluster', 'DeleteCluster', 'DeleteTable',
    'DeleteElasticsearchDomain', 'DeleteDomain', 'DeleteReplicationGroup',
    'DeleteCacheCluster', 'DeleteNamespace')
  AND coalesce(json_extract_scalar(requestparameters, '$.skipFinalSnapshot'), json_extract_scalar(requestparameters, '$.skipFinalClusterSnapshot'), 'false') <> 'true'
