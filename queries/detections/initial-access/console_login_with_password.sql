-- name: console_login_with_password
-- title: Console sign-in of an IAM user instead of single sign-on
-- severity: low
-- tactic: initial-access
-- technique: T1078.004
-- why: Where people come in through single sign-on, a user's own password is a side door that nobody watches.
-- benign: Accounts without single sign-on, and break-glass users.
-- check: Is the user one of the few that are meant to have a password?
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords.html
SELECT * FROM events
WHERE call = 'ConsoleLogin' AND useridentity.type = 'IAMUser' AND outcome = 'ok'
  AND json_extract_scalar(additionaleventdata, '$.SamlProviderArn') IS NULL
