-- name: iam_login_profile_changed
-- title: Console password given to a user
-- severity: low
-- via_service: informational
-- tactic: persistence
-- technique: T1098.001
-- why: A user can now sign in to the console, or with another password than before.
-- benign: New staff; forgotten passwords.
-- check: Is the user a person?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call IN ('CreateLoginProfile',
  'UpdateLoginProfile') AND NOT by_service
  AND NOT ((json_extract_scalar(requestparameters, '$.userName') IS NOT NULL
    AND json_extract_scalar(requestparameters, '$.userName')
      NOT IN (coalesce(useridentity.username, ''), split_part(coalesce(useridentity.arn, ''), '/',
        3))) AND coalesce(json_extract_scalar(requestparameters, '$.passwordResetRequired'), 'false') <> 'true')
