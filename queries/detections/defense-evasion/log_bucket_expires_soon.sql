-- name: log_bucket_expires_soon
-- title: Objects of a bucket expire within days
-- severity: medium
-- via_service: low
-- tactic: defense-evasion, impact
-- technique: T1485.001, T1562.008
-- why: A lifecycle rule that deletes after a few days wipes logs or data without a single delete call.
-- benign: Buckets for scratch data.
-- check: Which bucket, and does it hold logs or backups?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.defense-evasion.cloudtrail-lifecycle-rule/
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('PutBucketLifecycle',
  'PutBucketLifecycleConfiguration') AND NOT by_service
  AND regexp_like(coalesce(requestparameters, ''), '"(Expiration|NoncurrentVersionExpiration)":\s*\{[^{}]*"(Days|NoncurrentDays)":\s*"?[1-7]"?[,}]')
