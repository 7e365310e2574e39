-- name: iam_access_key_reactivated
-- title: Disabled access key enabled again for another user
-- severity: medium
-- via_service: low
-- tactic: persistence
-- technique: T1098.001
-- why: A key that was switched off, perhaps because it leaked, works again.
-- benign: An administrator undoing a mistake.
-- check: Why had the key been disabled?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call = 'UpdateAccessKey' AND NOT by_service
  AND json_extract_scalar(requestparameters, '$.status') = 'Active'
  AND json_extract_scalar(requestparameters, '$.userName') IS NOT NULL
  AND json_extract_scalar(requestparameters, '$.userName') <> coalesce(useridentity.username, '')
