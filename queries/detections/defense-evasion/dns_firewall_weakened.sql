-- name: dns_firewall_weakened
-- title: DNS firewall rules removed
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.007
-- why: Names that were blocked can be looked up again.
-- benign: Rules being reworked.
-- check: Which names were blocked?
-- reference: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall.html
SELECT * FROM events
WHERE eventsource = 'route53resolver.amazonaws.com' AND NOT by_service
  AND call IN ('DeleteFirewallRule', 'DeleteFirewallRuleGroup', 'DisassociateFirewallRuleGroup',
    'DeleteFirewallDomainList')
