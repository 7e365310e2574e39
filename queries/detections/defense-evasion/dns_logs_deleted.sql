-- name: dns_logs_deleted
-- title: DNS query logging removed
-- severity: high
-- tactic: defense-evasion
-- technique: T1562.008
-- why: Look-ups of control servers and data hidden in DNS go unseen.
-- benign: A network being dismantled.
-- check: Which networks did it cover?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.defense-evasion.dns-delete-logs/
SELECT * FROM events
WHERE eventsource IN ('route53resolver.amazonaws.com', 'route53.amazonaws.com')
  AND call IN ('DeleteResolverQueryLogConfig', 'DisassociateResolverQueryLogConfig',
    'DeleteQueryLoggingConfig')
