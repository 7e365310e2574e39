-- name: sso_identity_source_changed
-- title: Identity source of IAM Identity Center changed
-- severity: high
-- tactic: persistence, defense-evasion
-- technique: T1556.007, T1484.002
-- why: Whoever controls the identity source can sign in as anyone, into every account.
-- benign: A planned move to another identity provider, or its certificate being renewed.
-- check: Who did it, and which provider is trusted now?
-- reference: https://docs.aws.amazon.com/singlesignon/latest/userguide/manage-your-identity-source-change.html
SELECT * FROM events
WHERE eventsource IN ('sso.amazonaws.com', 'sso-directory.amazonaws.com')
  AND call IN ('AssociateDirectory', 'DisassociateDirectory', 'EnableExternalIdPConfigurationForDirectory',
    'DisableExternalIdPConfigurationForDirectory', 'CreateExternalIdPConfigurationForDirectory',
    'UpdateExternalIdPConfigurationForDirectory', 'ImportExternalIdPCertificate', 'CreateTrustedTokenIssuer',
    'UpdateTrustedTokenIssuer', 'CreateBearerToken', 'CreateProvisioningTenant')
