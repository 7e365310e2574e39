-- name: saml_provider_changed
-- title: SAML identity provider created, changed or deleted
-- severity: medium
-- tactic: persistence, defense-evasion
-- technique: T1484.002, T1556.007
-- why: Whoever controls a SAML provider can sign in as any role that trusts it.
-- benign: Rotation of the provider's certificate; a new single sign-on.
-- check: Whose certificate is in the metadata document now?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSAMLProvider.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call IN ('CreateSAMLProvider', 'UpdateSAMLProvider',
  'DeleteSAMLProvider')
  AND coalesce(useridentity.invokedby, '') <> 'sso.amazonaws.com'
    AND coalesce(sourceipaddress, '') <> 'sso.amazonaws.com'
