-- name: s3_versions_deleted_one_by_one
-- title: Many object versions deleted for good
-- severity: high
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: impact
-- technique: T1485, T1490
-- correlate: event_count >= 20 within 10m by session, json_extract_scalar(requestparameters, '$.bucketName')
-- why: Deleting a version destroys it, even where versioning was to protect it.
-- benign: Scripts that empty a bucket before it is removed.
-- check: Was it announced? What was in the bucket?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.impact.s3-ransomware-individual-deletion/
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('DeleteObject',
  'DeleteObjectVersion') AND NOT by_service AND coalesce(sessioncredentialfromconsole, '') <> 'true'
  AND json_extract_scalar(requestparameters, '$.versionId') IS NOT NULL
