-- name: subscription_outside
-- title: Notifications or logs sent outside
-- severity: low
-- via_service: informational
-- tactic: exfiltration, collection
-- technique: T1020, T1537
-- why: Whatever is published goes to the new receiver as well, quietly and for good.
-- benign: Applications and people being connected.
-- check: Whose address or account is it?
-- reference: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
SELECT * FROM events
WHERE NOT by_service
  AND (eventsource = 'sns.amazonaws.com' AND call = 'Subscribe'
    AND json_extract_scalar(requestparameters, '$.protocol') IN ('email', 'email-json', 'http', 'https',
    'sms')
    OR eventsource = 'logs.amazonaws.com' AND call = 'PutSubscriptionFilter')
