-- name: s3_object_encrypted_with_own_key
-- title: Object copied with a key that only the caller has
-- severity: high
-- denied: medium
-- via_service: low
-- tactic: impact
-- technique: T1486
-- why: With SSE-C AWS does not keep the key: who overwrites objects this way can hold them to ransom.
-- benign: The rare application built on SSE-C.
-- check: Has this bucket ever used it? Stop the credentials at once.
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.impact.s3-ransomware-client-side-encryption/
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('CopyObject', 'UploadPartCopy') AND NOT by_service
  AND json_extract_scalar(requestparameters, '$["x-amz-server-side-encryption-customer-algorithm"]') IS NOT NULL
