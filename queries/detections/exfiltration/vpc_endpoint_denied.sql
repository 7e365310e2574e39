-- name: vpc_endpoint_denied
-- title: Call past the policy of a VPC endpoint
-- severity: medium
-- denied: medium
-- failed: medium
-- tactic: exfiltration
-- technique: T1537
-- why: The endpoint's policy stopped a call that should not have left our network.
-- benign: A new application whose bucket or account is missing from the endpoint policy.
-- check: Whose credentials were used, and where was the call to go?
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html
SELECT * FROM events
WHERE errorcode = 'VpceAccessDenied'
