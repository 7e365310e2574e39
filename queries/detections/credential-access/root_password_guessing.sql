-- name: root_password_guessing
-- title: Password of the root user guessed
-- severity: high
-- denied: high
-- failed: high
-- tactic: credential-access, initial-access
-- technique: T1110.001, T1078.004
-- correlate: event_count >= 3 within 15m by account
-- why: Somebody who knows the root mail address is trying passwords or MFA codes.
-- benign: The owner mistyping.
-- check: From which address, and did a sign-in succeed afterwards?
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html
SELECT * FROM events
WHERE call = 'ConsoleLogin' AND useridentity.type = 'Root' AND outcome <> 'ok'
