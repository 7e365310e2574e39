-- name: iam_login_profile_set_for_other_user
-- title: Console password set for another user
-- severity: medium
-- via_service: low
-- tactic: persistence
-- technique: T1098.001, T1098
-- why: Whoever set the password can sign in as that user, as it need not be changed at first use.
-- benign: The help desk; a user who manages the own password under another session name.
-- check: Is it a user of a program, that has no use for a password? Did somebody sign in afterwards?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.iam-create-user-login-profile/
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.privilege-escalation.iam-update-user-login-profile/
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call IN ('CreateLoginProfile',
  'UpdateLoginProfile') AND NOT by_service
  AND coalesce(json_extract_scalar(requestparameters, '$.passwordResetRequired'), 'false') <> 'true'
  AND (json_extract_scalar(requestparameters, '$.userName') IS NOT NULL
    AND json_extract_scalar(requestparameters, '$.userName')
      NOT IN (coalesce(useridentity.username, ''), split_part(coalesce(useridentity.arn, ''), '/', 3)))
