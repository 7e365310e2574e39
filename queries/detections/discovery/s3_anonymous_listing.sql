-- name: s3_anonymous_listing
-- title: Bucket listed by anonymous callers
-- severity: low
-- tactic: discovery, collection
-- technique: T1619, T1530
-- why: Strangers can see the names of the files in this bucket, or are trying to.
-- benign: A public website or data set.
-- check: Is the bucket meant to be listed?
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('ListObjects', 'ListObjectsV2', 'ListObjectVersions',
  'HeadBucket', 'GetBucketAcl', 'GetBucketPolicy')
  AND useridentity.type = 'AWSAccount' AND lower(coalesce(useridentity.accountid, '')) IN ('anonymous',
    'anonymous_principal')
