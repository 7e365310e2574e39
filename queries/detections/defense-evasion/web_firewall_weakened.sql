-- name: web_firewall_weakened
-- title: Web firewall removed from a resource or deleted
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.007
-- why: The web application stands without its filter against attacks.
-- benign: Applications being dismantled; rules being reworked.
-- check: Is the application still on the internet?
-- reference: https://docs.aws.amazon.com/waf/latest/APIReference/API_DisassociateWebACL.html
SELECT * FROM events
WHERE eventsource IN ('wafv2.amazonaws.com', 'waf.amazonaws.com',
  'waf-regional.amazonaws.com') AND NOT by_service
  AND call IN ('DisassociateWebACL', 'DeleteWebACL', 'DeleteRuleGroup', 'DeleteRule', 'DeleteIPSet',
    'DeleteRegexPatternSet',
    'DeleteLoggingConfiguration', 'DeleteFirewallManagerRuleGroups')
