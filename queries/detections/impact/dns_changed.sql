-- name: dns_changed
-- title: DNS zone changed
-- severity: low
-- via_service: informational
-- tactic: impact, credential-access
-- technique: T1557, T1584.001
-- why: A changed entry sends mail and visitors elsewhere.
-- benign: Administrators at work.
-- check: Which entry points where now?
-- reference: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
SELECT * FROM events
WHERE eventsource = 'route53.amazonaws.com' AND NOT by_service AND (useridentity.type IN ('IAMUser',
  'FederatedUser', 'IdentityCenterUser')
    OR contains(coalesce(useridentity.arn, ''), ':assumed-role/AWSReservedSSO_'))
  AND call IN ('ChangeResourceRecordSets', 'CreateHostedZone', 'DeleteHostedZone',
    'AssociateVPCWithHostedZone', 'DisableHostedZoneDNSSEC')
