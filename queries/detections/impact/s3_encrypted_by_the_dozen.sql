-- name: s3_encrypted_by_the_dozen
-- title: Many objects encrypted with a key that only the caller has
-- severity: critical
-- via_service: low
-- tactic: impact
-- technique: T1486
-- correlate: event_count >= 10 within 10m by session
-- why: This is ransomware at work.
-- benign: The rare application built on SSE-C.
-- check: Stop the credentials at once; restore older versions.
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.impact.s3-ransomware-client-side-encryption/
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('CopyObject', 'PutObject',
  'CreateMultipartUpload') AND NOT by_service
  AND json_extract_scalar(requestparameters, '$["x-amz-server-side-encryption-customer-algorithm"]') IS NOT NULL
