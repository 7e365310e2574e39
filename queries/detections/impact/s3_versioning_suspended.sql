-- name: s3_versioning_suspended
-- title: Versioning of a bucket suspended
-- severity: medium
-- via_service: low
-- tactic: impact, defense-evasion
-- technique: T1490
-- why: From now on what is overwritten or deleted is gone.
-- benign: Costs being cut; scratch buckets.
-- check: Were objects overwritten or deleted next?
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call = 'PutBucketVersioning' AND NOT by_service
  AND json_extract_scalar(requestparameters, '$.VersioningConfiguration.Status') IN ('Suspended', 'Disabled')
