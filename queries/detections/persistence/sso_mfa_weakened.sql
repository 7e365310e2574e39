-- name: sso_mfa_weakened
-- title: MFA rules or devices of IAM Identity Center changed
-- severity: medium
-- tactic: persistence, defense-evasion
-- technique: T1556.006
-- why: Without the second factor a password is enough to enter every account.
-- benign: A lost device being replaced by the help desk.
-- check: Was MFA switched off for all, or a device removed for one user? Did that user ask?
-- reference: https://docs.aws.amazon.com/singlesignon/latest/userguide/enable-mfa.html
SELECT * FROM events
WHERE eventsource IN ('sso.amazonaws.com', 'sso-directory.amazonaws.com', 'identitystore.amazonaws.com')
  AND call IN ('UpdateSsoConfiguration', 'UpdateMfaDeviceManagementForDirectory', 'DeleteMfaDeviceForUser',
    'UpdateMfaDeviceForUser')
