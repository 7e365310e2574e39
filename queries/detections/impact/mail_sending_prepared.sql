-- name: mail_sending_prepared
-- title: Mail sending set up or its limits raised
-- severity: medium
-- denied: low
-- via_service: low
-- tactic: impact
-- technique: T1496, T1566
-- why: Thieves send spam and fraud mails in the company's name.
-- benign: The mail application's owners at work.
-- check: Is the new sender ours? How much mail was sent?
-- reference: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutAccountDetails.html
SELECT * FROM events
WHERE NOT by_service
  AND (eventsource = 'ses.amazonaws.com' AND call IN ('VerifyEmailIdentity', 'VerifyEmailAddress',
    'VerifyDomainIdentity', 'CreateEmailIdentity', 'UpdateAccountSendingEnabled',
    'PutAccountSendingAttributes',
      'PutAccountDetails', 'PutAccountSuppressionAttributes', 'DeleteIdentity', 'DeleteEmailIdentity')
    OR eventsource = 'servicequotas.amazonaws.com' AND call = 'RequestServiceQuotaIncrease'
      AND json_extract_scalar(requestparameters, '$.serviceCode') IN ('ses', 'sns', 'bedrock')
    OR eventsource IN ('sns.amazonaws.com', 'sms-voice.amazonaws.com') AND call IN ('SetSMSAttributes',
      'SetTextMessageSpendLimitOverride', 'RequestPhoneNumber', 'CreateSMSSandboxPhoneNumber'))
