-- name: assume_role_denied_repeatedly
-- title: Many roles tried in a row
-- severity: medium
-- denied: medium
-- failed: low
-- via_service: low
-- tactic: privilege-escalation, lateral-movement, discovery
-- technique: T1087.004, T1550.001
-- correlate: value_count errormessage >= 3 within 10m by session
-- why: Somebody is trying which roles can be taken.
-- benign: A pipeline whose trust policies are wrong.
-- check: Which roles were tried? Did one attempt succeed?
-- reference: https://hackingthe.cloud/aws/enumeration/enum_iam_user_role/
SELECT * FROM events
WHERE eventsource = 'sts.amazonaws.com' AND call = 'AssumeRole' AND outcome = 'denied' AND NOT by_service
