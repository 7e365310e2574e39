-- name: s3_encryption_removed
-- title: Encryption settings of a bucket removed
-- severity: low
-- via_service: informational
-- tactic: defense-evasion
-- technique: T1562.001
-- why: New objects get S3's own key instead of one that we control.
-- benign: Settings being reworked; S3 encrypts new objects in any case.
-- check: Was a key of ours set before?
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call = 'DeleteBucketEncryption' AND NOT by_service
