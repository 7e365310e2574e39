-- name: console_login_without_mfa
-- title: Console sign-in of an IAM user without MFA
-- severity: medium
-- tactic: initial-access
-- technique: T1078.004
-- why: A password alone let somebody into the console; a stolen or guessed one does the same.
-- benign: A user who has not set up MFA yet, or a test account.
-- check: Does the user own an MFA device? Is the address one the user has come from before?
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/console_sign-in-user.html
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.initial-access.console-login-without-mfa/
SELECT * FROM events
WHERE call = 'ConsoleLogin' AND useridentity.type = 'IAMUser' AND outcome = 'ok'
  AND json_extract_scalar(additionaleventdata, '$.MFAUsed') = 'No'
