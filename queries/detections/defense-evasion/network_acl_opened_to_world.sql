-- name: network_acl_opened_to_world
-- title: Network ACL lets everyone in
-- severity: medium
-- tactic: defense-evasion, exfiltration
-- technique: T1562.007
-- why: The network's outer fence has a gap for all addresses.
-- benign: Public subnets being set up.
-- check: Which ports, and what lies in the subnet?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call IN ('CreateNetworkAclEntry', 'ReplaceNetworkAclEntry')
  AND json_extract_scalar(requestparameters, '$.ruleAction') = 'allow'
    AND coalesce(json_extract_scalar(requestparameters, '$.egress'), 'false') = 'false'
  AND opens_to_world(requestparameters)
