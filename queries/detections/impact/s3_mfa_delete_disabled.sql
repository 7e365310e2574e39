-- name: s3_mfa_delete_disabled
-- title: MFA delete of a bucket switched off
-- severity: high
-- tactic: impact, defense-evasion
-- technique: T1490, T1556.006
-- why: Versions can now be destroyed without a second factor.
-- benign: Buckets being rebuilt; only root can do it.
-- check: Who used root? Were versions deleted next?
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call = 'PutBucketVersioning'
  AND coalesce(json_extract_scalar(requestparameters, '$.VersioningConfiguration.MfaDelete'),
    json_extract_scalar(requestparameters, '$.VersioningConfiguration.MFADelete')) = 'Disabled'
