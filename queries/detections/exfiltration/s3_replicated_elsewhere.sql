-- name: s3_replicated_elsewhere
-- title: Bucket copied to another account
-- severity: medium
-- via_service: low
-- tactic: exfiltration
-- technique: T1537, T1020
-- why: Replication sends every new object to the other bucket, quietly and for as long as it is set.
-- benign: Backups in an account of the same organisation.
-- check: Whose bucket is the destination?
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call = 'PutBucketReplication' AND NOT by_service
  AND regexp_like(coalesce(json_extract(requestparameters, '$.ReplicationConfiguration'), ''), '"Account":\s*"?[0-9]{12}')
  AND NOT regexp_like(coalesce(json_extract(requestparameters, '$.ReplicationConfiguration'), ''), concat('"Account":\s*"?', account))
