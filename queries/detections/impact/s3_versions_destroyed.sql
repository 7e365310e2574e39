-- name: s3_versions_destroyed
-- title: Old versions listed, then objects deleted in a batch
-- severity: high
-- via_tool: low
-- via_service: low
-- tactic: impact
-- technique: T1485, T1490
-- correlate: value_count call >= 2 within 1h by session, json_extract_scalar(requestparameters, '$.bucketName')
-- why: Somebody destroyed objects for good, together with their older versions.
-- benign: Scripts that empty a bucket before it is removed.
-- check: Was it announced? What was in the bucket?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.impact.s3-ransomware-batch-deletion/
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('ListObjectVersions',
  'DeleteObjects') AND outcome = 'ok' AND NOT by_service
  AND coalesce(sessioncredentialfromconsole, '') <> 'true'
