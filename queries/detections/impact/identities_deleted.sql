-- name: identities_deleted
-- title: Several users locked out
-- severity: medium
-- denied: low
-- failed: low
-- via_tool: low
-- via_service: low
-- tactic: impact
-- technique: T1531
-- correlate: value_count json_extract_scalar(requestparameters, '$.userName') >= 4 within 15m by session
-- why: Locking others out gives an intruder time.
-- benign: A clean-up of old users.
-- check: Are administrators among them? Who is still able to get in?
-- reference: https://attack.mitre.org/techniques/T1531/
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND NOT by_service
  AND coalesce(sessioncredentialfromconsole, '') <> 'true'
  AND (call IN ('DeleteUser', 'DeleteLoginProfile',
    'DeleteAccessKey') OR call = 'UpdateAccessKey'
    AND json_extract_scalar(requestparameters, '$.status') = 'Inactive')
