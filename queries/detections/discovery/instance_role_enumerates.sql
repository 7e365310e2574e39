-- name: instance_role_enumerates
-- title: EC2 instance's role used to look around
-- severity: medium
-- denied: medium
-- failed: medium
-- via_service: low
-- tactic: discovery
-- technique: T1580, T1087.004
-- correlate: value_count concat(eventsource, call) >= 4 within 10m by session
-- why: Servers do not list users, roles, secrets or trails; somebody on the server, or with its keys, does.
-- benign: Inventory and security agents on instances.
-- check: Which program did it? From which address?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.discovery.ec2-enumerate-from-instance/
SELECT * FROM events
WHERE is_read AND NOT by_service AND contains(useridentity.principalid, ':i-')
  AND regexp_like(useridentity.principalid, ':i-[0-9a-f]{8,17}$')
  AND (eventsource = 'iam.amazonaws.com' OR call IN ('GetCallerIdentity', 'ListBuckets', 'ListSecrets',
    'DescribeTrails', 'LookupEvents', 'DescribeDBInstances',
    'ListFunctions', 'ListClusters', 'ListKeys', 'ListRoles', 'DescribeSnapshots', 'DescribeSecurityGroups',
    'DescribeVpcs', 'ListAccounts', 'DescribeParameters',
    'GetSendQuota', 'GetAccountSendingEnabled', 'DescribeOrganization', 'ListDetectors', 'DescribeLogGroups'))
