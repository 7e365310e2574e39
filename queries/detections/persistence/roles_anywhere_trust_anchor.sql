-- name: roles_anywhere_trust_anchor
-- title: Outside certificate authority trusted by IAM Roles Anywhere
-- severity: high
-- tactic: persistence
-- technique: T1098.001, T1484.002
-- why: Whoever holds that authority's key can make credentials for our roles from anywhere, for years.
-- benign: The set-up of Roles Anywhere for servers outside AWS.
-- check: Whose certificate is it? Which profiles and roles go with it?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.rolesanywhere-create-trust-anchor/
SELECT * FROM events
WHERE eventsource = 'rolesanywhere.amazonaws.com' AND call IN ('CreateTrustAnchor', 'UpdateTrustAnchor',
  'EnableTrustAnchor')
