-- name: s3_encrypted_with_foreign_key
-- title: Object or bucket encrypted with another account's key
-- severity: high
-- denied: medium
-- via_service: low
-- tactic: impact
-- technique: T1486
-- why: Whoever owns the key decides whether the data can be read again.
-- benign: Keys in a central account of the same organisation.
-- check: Whose account is it? Restore older versions if nobody knows.
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('CopyObject', 'PutBucketEncryption',
  'CreateMultipartUpload') AND NOT by_service
  AND (split_part(json_extract_scalar(requestparameters, '$["x-amz-server-side-encryption-aws-kms-key-id"]'), ':', 5) NOT IN ('', account)
    OR split_part(json_extract_scalar(requestparameters,
      '$.ServerSideEncryptionConfiguration.Rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID'), ':',
      5) NOT IN ('', account))
