-- name: ses_checked
-- title: Mail or text sending of the account checked
-- severity: informational
-- via_tool: informational
-- via_service: informational
-- tactic: discovery
-- technique: T1526
-- why: Part of what thieves look at first; worth knowing once something else happened.
-- benign: The mail application's own monitoring.
-- check: Does this principal have to do with mail?
-- reference: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html
SELECT * FROM events
WHERE eventsource IN ('ses.amazonaws.com', 'sns.amazonaws.com',
  'sms-voice.amazonaws.com') AND NOT by_service AND coalesce(sessioncredentialfromconsole, '') <> 'true'
  AND call IN ('GetSMSAttributes', 'GetSMSSandboxAccountStatus', 'ListOriginationNumbers',
    'DescribeSpendLimits', 'DescribePhoneNumbers',
    'GetAccount', 'GetSendQuota', 'GetAccountSendingEnabled', 'ListIdentities', 'ListEmailIdentities',
    'GetIdentityVerificationAttributes')
