-- name: mfa_codes_guessed
-- title: MFA code of a user guessed
-- severity: medium
-- denied: medium
-- failed: medium
-- tactic: credential-access
-- technique: T1110, T1621
-- correlate: event_count >= 2 within 15m by actor
-- why: The password was right, only the second factor stood in the way: the password is known to somebody else.
-- benign: A phone whose clock is wrong.
-- check: Ask the user. If it was not the user, change the password.
-- reference: https://attack.mitre.org/techniques/T1621/
SELECT * FROM events
WHERE call IN ('ConsoleLogin', 'CheckMfa') AND outcome <> 'ok'
  AND json_extract_scalar(additionaleventdata, '$.MFAUsed') = 'Yes'
