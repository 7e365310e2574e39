-- name: s3_logging_disabled
-- title: Access logging of a bucket switched off
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.008
-- why: Who reads and writes the bucket's objects is no longer recorded.
-- benign: CloudTrail data events taking over; costs being cut.
-- check: Do data events cover the bucket?
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call = 'PutBucketLogging' AND NOT by_service
  AND json_extract(requestparameters, '$.BucketLoggingStatus.LoggingEnabled') IS NULL
