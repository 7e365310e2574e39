-- name: root_credentials_changed
-- title: Password, address or MFA of the root user changed
-- severity: high
-- tactic: persistence, impact
-- technique: T1098, T1531
-- why: Whoever controls the root password, mail address or MFA device owns the account.
-- benign: A planned rotation, or a change of the responsible person.
-- check: Was the change announced? Does the root mail address still belong to the company?
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-password.html
SELECT * FROM events
WHERE call IN ('PasswordUpdated', 'EmailUpdated', 'PasswordRecoveryRequested', 'PasswordRecoveryCompleted',
    'StartPrimaryEmailUpdate', 'AcceptPrimaryEmailUpdate', 'MfaDeviceRemoved')
  AND (useridentity.type = 'Root' OR eventsource = 'account.amazonaws.com')
