-- name: sso_role_credentials_fetched
-- title: Credentials of single sign-on fetched in many accounts
-- severity: medium
-- tactic: credential-access, lateral-movement
-- technique: T1528, T1550.001
-- correlate: value_count concat(json_extract_scalar(requestparameters, '$.account_id'), json_extract_scalar(requestparameters, '$.role_name'), json_extract_scalar(serviceeventdetails, '$.account_id'), json_extract_scalar(serviceeventdetails, '$.role_name')) >= 10 within 10m by actor
-- why: A stolen single sign-on token opens every account and role its owner may use; thieves take them all at once.
-- benign: Tools that refresh the profiles of all accounts.
-- check: Did the person do that? From which address?
-- reference: https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
SELECT * FROM events
WHERE eventsource = 'sso.amazonaws.com' AND call = 'GetRoleCredentials'
