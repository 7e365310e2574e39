-- name: s3_account_public_access_block_removed
-- title: Block on public access lifted for all buckets
-- severity: high
-- denied: medium
-- tactic: exfiltration, defense-evasion
-- technique: T1562.001, T1530
-- why: The safety catch of every bucket in the account is off.
-- benign: Hardly any: single buckets can be opened without it.
-- check: Which buckets became public next?
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeletePublicAccessBlock.html
SELECT * FROM events
WHERE eventsource IN ('s3.amazonaws.com', 's3-control.amazonaws.com')
  AND (call = 'DeleteAccountPublicAccessBlock'
    OR call = 'PutAccountPublicAccessBlock'
      AND regexp_like(coalesce(requestparameters, ''), '"(RestrictPublicBuckets|BlockPublicPolicy|BlockPublicAcls|IgnorePublicAcls)":\s*"?false'))
