-- name: s3_objects_deleted_en_masse
-- title: Very many objects deleted
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: impact
-- technique: T1485
-- correlate: event_count >= 50 within 10m by session, json_extract_scalar(requestparameters, '$.bucketName')
-- why: Somebody is emptying a bucket object by object.
-- benign: Jobs that clean up every day.
-- check: Is it a job of ours? Can the objects be restored?
-- reference: https://attack.mitre.org/techniques/T1485/
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call = 'DeleteObject' AND NOT by_service
  AND coalesce(sessioncredentialfromconsole, '') <> 'true'
