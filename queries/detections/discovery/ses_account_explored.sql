-- name: ses_account_explored
-- title: Mail sending of the account explored
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: discovery, impact
-- technique: T1526, T1496
-- correlate: value_count call >= 3 within 10m by session
-- why: Thieves check at once how much mail a stolen account may send; spam and fraud follow.
-- benign: The mail application's own monitoring.
-- check: Does this principal have to do with mail?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.discovery.ses-enumerate/
SELECT * FROM events
WHERE eventsource = 'ses.amazonaws.com' AND NOT by_service
  AND coalesce(sessioncredentialfromconsole, '') <> 'true'
  AND call IN ('GetAccount', 'GetSendQuota', 'GetAccountSendingEnabled', 'ListIdentities',
    'ListEmailIdentities', 'GetIdentityVerificationAttributes',
    'GetSendStatistics', 'ListVerifiedEmailAddresses', 'GetEmailIdentity', 'GetIdentityPolicies',
    'ListConfigurationSets')
