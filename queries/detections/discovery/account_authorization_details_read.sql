-- name: account_authorization_details_read
-- title: All users, roles, policies or credentials read at once
-- severity: low
-- via_tool: informational
-- via_service: informational
-- tactic: discovery
-- technique: T1087.004, T1069.003
-- why: One call shows who may do what in the account: all that is needed to plan a way to more rights.
-- benign: Posture management, inventory and incident response tools.
-- check: Is it a tool of ours?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND NOT by_service AND call IN ('GetAccountAuthorizationDetails',
  'SimulatePrincipalPolicy', 'GenerateServiceLastAccessedDetails', 'GetCredentialReport') AND coalesce(sessioncredentialfromconsole, '') <> 'true'
