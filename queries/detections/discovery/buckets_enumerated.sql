-- name: buckets_enumerated
-- title: Many buckets looked at in minutes
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: discovery
-- technique: T1619, T1580
-- correlate: value_count json_extract_scalar(requestparameters, '$.bucketName') >= 10 within 10m by session
-- why: Somebody looks for data, or for a bucket that is badly protected.
-- benign: Posture management and incident response tools; backups.
-- check: Is it a tool of ours? Was anything downloaded?
-- reference: https://attack.mitre.org/techniques/T1619/
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND is_read AND NOT by_service
  AND coalesce(sessioncredentialfromconsole, '') <> 'true'
  AND call IN ('GetBucketAcl', 'GetBucketPolicy', 'GetBucketPolicyStatus', 'GetBucketPublicAccessBlock',
    'GetBucketLocation', 'GetBucketVersioning',
    'GetBucketLogging', 'GetBucketReplication', 'GetBucketTagging', 'GetBucketEncryption',
    'GetBucketLifecycle', 'ListObjects', 'ListObjectsV2', 'ListObjectVersions', 'HeadBucket')
