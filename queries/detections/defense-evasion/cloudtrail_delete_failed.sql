-- name: cloudtrail_delete_failed
-- title: Deletion of a CloudTrail trail
-- severity: medium
-- denied: medium
-- failed: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.008
-- why: It did not work, but somebody wants the record gone.
-- benign: A script that cleans up twice.
-- check: Who tried it, and what else did the session do?
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html
SELECT * FROM events
WHERE eventsource = 'cloudtrail.amazonaws.com' AND call = 'DeleteTrail' AND outcome <> 'ok' AND NOT by_service
