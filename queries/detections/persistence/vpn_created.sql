-- name: vpn_created
-- title: VPN or direct line into the network created
-- severity: medium
-- via_service: low
-- tactic: persistence, lateral-movement
-- technique: T1133
-- why: A VPN is a door into the network that stays.
-- benign: Network engineers connecting an office.
-- check: Who is at the other end?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpnConnection.html
SELECT * FROM events
WHERE (eventsource = 'ec2.amazonaws.com' AND call IN ('CreateVpnConnection', 'CreateClientVpnEndpoint',
  'AuthorizeClientVpnIngress', 'ImportClientVpnClientCertificateRevocationList',
  'ExportClientVpnClientConfiguration')
  OR eventsource = 'directconnect.amazonaws.com' AND call IN ('CreateConnection',
    'CreatePrivateVirtualInterface', 'AcceptDirectConnectGatewayAssociationProposal',
    'CreatePublicVirtualInterface'))
  AND NOT by_service
