-- name: secret_read_by_person
-- title: Secret read by a person
-- severity: low
-- via_tool: informational
-- via_service: informational
-- tactic: credential-access
-- technique: T1555.006
-- why: Secrets are for programs; a person who reads one knows it from then on.
-- benign: Administrators at work.
-- check: Which secret, and was there a need?
-- reference: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
SELECT * FROM events
WHERE eventsource = 'secretsmanager.amazonaws.com' AND call = 'GetSecretValue' AND NOT by_service
  AND (useridentity.type IN ('IAMUser', 'FederatedUser', 'IdentityCenterUser')
    OR contains(coalesce(useridentity.arn, ''), ':assumed-role/AWSReservedSSO_'))
