-- name: s3_safeguards_removed
-- title: Replication, policy or object lock of a bucket removed
-- severity: medium
-- via_service: low
-- tactic: defense-evasion, impact
-- technique: T1490, T1562.001
-- why: Copies elsewhere, write protection or access rules that would have limited the damage are gone.
-- benign: Buckets being dismantled or rebuilt.
-- check: Which bucket, and what followed?
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketReplication.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND NOT by_service
  AND (call IN ('DeleteBucketReplication', 'DeleteBucketPolicy')
    OR call = 'PutObjectLockConfiguration'
      AND json_extract(requestparameters, '$.ObjectLockConfiguration.Rule') IS NULL
    OR call = 'PutObjectLegalHold' AND contains(coalesce(requestparameters, ''), '"OFF"')
    OR call IN ('DeleteObject', 'DeleteObjects',
      'PutObjectRetention')
      AND contains(coalesce(requestparameters, ''), 'x-amz-bypass-governance-retention'))
