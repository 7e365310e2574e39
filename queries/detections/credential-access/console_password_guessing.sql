-- name: console_password_guessing
-- title: Password of a user guessed at the console
-- severity: medium
-- denied: medium
-- failed: medium
-- tactic: credential-access, initial-access
-- technique: T1110.001
-- correlate: event_count >= 5 within 15m by account, useridentity.username
-- why: Somebody is trying passwords for this user.
-- benign: A user who forgot the password; a password manager with an old one.
-- check: Did a sign-in succeed afterwards, and from which address?
-- reference: https://attack.mitre.org/techniques/T1110/001/
SELECT * FROM events
WHERE call = 'ConsoleLogin' AND outcome <> 'ok'
