-- name: organization_changed
-- title: Accounts, policies or administrators of the organisation changed
-- severity: medium
-- via_service: low
-- tactic: persistence, defense-evasion
-- technique: T1666, T1136.003
-- why: New accounts and delegated administrators are places to hide, with the company paying.
-- benign: The platform team at work.
-- check: Who asked for it?
-- reference: https://docs.aws.amazon.com/organizations/latest/APIReference/API_InviteAccountToOrganization.html
SELECT * FROM events
WHERE eventsource = 'organizations.amazonaws.com' AND NOT by_service
  AND call IN ('InviteAccountToOrganization', 'AcceptHandshake', 'CreateAccount', 'CreateGovCloudAccount',
    'CloseAccount', 'MoveAccount',
    'UpdatePolicy', 'RegisterDelegatedAdministrator', 'EnableAWSServiceAccess', 'PutResourcePolicy',
    'CreateOrganization')
