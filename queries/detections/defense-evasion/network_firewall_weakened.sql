-- name: network_firewall_weakened
-- title: Network Firewall, Firewall Manager or Shield weakened
-- severity: high
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.007
-- why: Traffic that was filtered passes now.
-- benign: Networks being dismantled.
-- check: Which networks did it protect?
-- reference: https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_DeleteFirewall.html
SELECT * FROM events
WHERE eventsource IN ('network-firewall.amazonaws.com', 'fms.amazonaws.com',
  'shield.amazonaws.com') AND NOT by_service
  AND call IN ('DeleteFirewall', 'DeleteFirewallPolicy', 'DisassociateSubnets', 'DeleteRuleGroup',
    'UpdateFirewallDeleteProtection',
    'DeletePolicy', 'DisassociateAdminAccount', 'DeleteNotificationChannel', 'DeleteProtection',
    'DeleteProtectionGroup', 'DeleteSubscription',
    'DisassociateDRTRole', 'DisableProactiveEngagement', 'DisableApplicationLayerAutomaticResponse')
