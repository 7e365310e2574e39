-- name: console_password_spraying
-- title: Passwords of several users guessed from one network
-- severity: medium
-- denied: medium
-- failed: medium
-- tactic: credential-access, initial-access
-- technique: T1110.003
-- correlate: value_count coalesce(useridentity.username, useridentity.arn) >= 4 within 1h by network
-- why: Trying one password on many users stays below the limit at which accounts lock.
-- benign: Several people behind one office address mistyping within the hour.
-- check: Do the user names exist? Did one of the sign-ins succeed?
-- reference: https://attack.mitre.org/techniques/T1110/003/
SELECT * FROM events
WHERE call = 'ConsoleLogin' AND outcome <> 'ok'
