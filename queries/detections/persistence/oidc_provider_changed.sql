-- name: oidc_provider_changed
-- title: OpenID Connect identity provider created or changed
-- severity: medium
-- via_service: low
-- tactic: persistence, defense-evasion
-- technique: T1484.002, T1556.007
-- why: Whoever runs the provider can get credentials of any role that trusts it.
-- benign: A pipeline (GitHub, GitLab) or an EKS cluster being connected.
-- check: Whose address is it, and which roles trust it?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND NOT by_service
  AND call IN ('CreateOpenIDConnectProvider', 'UpdateOpenIDConnectProviderThumbprint',
    'AddClientIDToOpenIDConnectProvider', 'DeleteOpenIDConnectProvider')
