-- name: s3_anonymous_write
-- title: Object written by an anonymous caller
-- severity: high
-- tactic: initial-access, impact
-- technique: T1190, T1565.001
-- why: The bucket takes files from strangers, who can plant malware or run up costs.
-- benign: A public drop box that is meant to be one.
-- check: Is the bucket meant to be writable? What was written?
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('PutObject', 'DeleteObject', 'CopyObject',
  'PutObjectAcl', 'DeleteObjects')
  AND useridentity.type = 'AWSAccount' AND lower(coalesce(useridentity.accountid, '')) IN ('anonymous',
    'anonymous_principal')
