-- name: s3_public_access_block_removed
-- title: Block on public access of a bucket lifted
-- severity: medium
-- tactic: exfiltration, defense-evasion
-- technique: T1562.001, T1530
-- why: The safety catch that keeps a bucket private whatever its policy says is off.
-- benign: Websites and public data sets being set up.
-- check: Did the bucket's policy or ACL change next?
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com'
  AND (call IN ('DeletePublicAccessBlock', 'DeleteBucketPublicAccessBlock')
    OR call IN ('PutBucketPublicAccessBlock', 'PutPublicAccessBlock')
      AND regexp_like(coalesce(requestparameters, ''), '"(RestrictPublicBuckets|BlockPublicPolicy|BlockPublicAcls|IgnorePublicAcls)":\s*"?false'))
