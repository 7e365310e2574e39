-- name: network_changed_by_hand
-- title: Firewall rules, routes or gateways changed
-- severity: low
-- via_service: informational
-- tactic: defense-evasion, lateral-movement, exfiltration
-- technique: T1562.007, T1599, T1133
-- why: They decide what can be reached from where; new paths join networks that were apart, or lead out of them.
-- benign: Network engineers at work.
-- check: What can reach what now?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND NOT by_service
  AND call IN ('AuthorizeSecurityGroupIngress', 'AuthorizeSecurityGroupEgress', 'ModifySecurityGroupRules',
    'RevokeSecurityGroupEgress', 'CreateSecurityGroup',
    'CreateNetworkAclEntry', 'ReplaceNetworkAclEntry', 'DeleteNetworkAclEntry', 'DeleteNetworkAcl',
    'ReplaceNetworkAclAssociation',
    'CreateRoute', 'ReplaceRoute', 'CreateVpcPeeringConnection', 'AcceptVpcPeeringConnection',
    'CreateInternetGateway', 'AttachInternetGateway',
    'CreateNatGateway', 'CreateTransitGatewayRoute', 'CreateTransitGatewayVpcAttachment',
    'ReplaceRouteTableAssociation', 'CreateCustomerGateway', 'CreateVpcEndpoint', 'ModifyVpcEndpoint')
