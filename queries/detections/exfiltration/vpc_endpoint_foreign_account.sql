-- name: vpc_endpoint_foreign_account
-- title: Credentials of another account used through our VPC endpoint
-- severity: medium
-- denied: medium
-- tactic: exfiltration
-- technique: T1537
-- why: Inside our network somebody works with another account's credentials: the usual way to carry data out unseen.
-- benign: Vendors' agents, and accounts of the same company.
-- check: Is the account one of ours? Which host used the endpoint?
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html
SELECT * FROM events
WHERE eventtype = 'AwsVpceEvent' AND useridentity.accountid <> account
  AND regexp_like(useridentity.accountid, '^[0-9]{12}$')
