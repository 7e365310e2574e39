-- name: account_information_read
-- title: Account, organisation, costs or own activity looked up
-- severity: informational
-- via_tool: informational
-- via_service: informational
-- tactic: discovery
-- technique: T1580, T1526, T1201
-- why: Part of taking stock; worth knowing once something else happened.
-- benign: Administrators and tools, every day.
-- check: What else did the session do?
-- reference: https://attack.mitre.org/techniques/T1580/
SELECT * FROM events
WHERE (eventsource = 'organizations.amazonaws.com' AND call IN ('DescribeOrganization', 'ListAccounts',
  'ListRoots', 'ListPolicies')
    OR eventsource = 'iam.amazonaws.com' AND call IN ('ListUsers', 'ListRoles', 'ListAccessKeys',
      'GetAccountPasswordPolicy', 'ListAccountAliases', 'ListAttachedRolePolicies',
      'ListAttachedUserPolicies', 'GetAccountSummary', 'ListMFADevices', 'ListSAMLProviders')
    OR eventsource = 'ce.amazonaws.com' AND call IN ('GetCostAndUsage', 'GetCostForecast')
    OR eventsource = 'cloudtrail.amazonaws.com' AND call IN ('LookupEvents', 'DescribeTrails')
    OR eventsource = 's3.amazonaws.com' AND call = 'ListBuckets'
    OR eventsource = 'secretsmanager.amazonaws.com' AND call = 'ListSecrets'
    OR eventsource = 'servicequotas.amazonaws.com' AND call IN ('ListServiceQuotas', 'GetServiceQuota',
      'RequestServiceQuotaIncrease')
    OR eventsource = 'resource-explorer-2.amazonaws.com' AND call = 'Search')
  AND NOT by_service AND coalesce(sessioncredentialfromconsole, '') <> 'true'
