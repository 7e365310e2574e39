-- name: session_token_issued
-- title: Session token issued to an IAM user
-- severity: medium
-- via_service: low
-- tactic: persistence
-- technique: T1550.001
-- why: A session token hides which key is behind it and lives on for up to 36 hours.
-- benign: Command line tools that ask for an MFA code (aws-vault, saml helpers).
-- check: Was an MFA code given? Does this user do that every day?
-- reference: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
SELECT * FROM events
WHERE eventsource = 'sts.amazonaws.com' AND call = 'GetSessionToken' AND useridentity.type = 'IAMUser'
  AND NOT by_service
