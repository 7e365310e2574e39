-- name: user_added_itself_or_to_admins
-- title: User added to an administrators' group, or by itself
-- severity: medium
-- via_service: low
-- tactic: privilege-escalation
-- technique: T1098.003
-- why: This is the shortest way from being able to manage groups to being administrator.
-- benign: A new administrator being set up.
-- check: Which rights does the group have? Who approved it?
-- reference: https://hackingthe.cloud/aws/exploitation/iam_privilege_escalation/
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call = 'AddUserToGroup' AND NOT by_service
  AND (json_extract_scalar(requestparameters, '$.userName') = useridentity.username
    OR regexp_like(json_extract_scalar(requestparameters, '$.groupName'), '(?i)admin|power.?user|root|full.?access|break.?glass'))
