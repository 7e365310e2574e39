-- name: instance_credentials_on_two_networks
-- title: Credentials of an EC2 instance used from several networks
-- severity: medium
-- denied: medium
-- failed: medium
-- tactic: credential-access, initial-access
-- technique: T1552.005, T1078.004
-- correlate: value_count network >= 2 within 1h by useridentity.principalid
-- why: An instance calls from one address; if its keys are used from a second network, somebody took them along.
-- benign: Instances behind several network gateways or whose public address changed.
-- check: Is one of the addresses not ours?
-- reference: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-iam.html
SELECT * FROM events
WHERE contains(useridentity.principalid, ':i-')
  AND regexp_like(useridentity.principalid, ':i-[0-9a-f]{8,17}$') AND NOT by_service
  AND regexp_like(coalesce(sourceipaddress, ''), '^[0-9a-fA-F.:]+$')
  AND NOT regexp_like(sourceipaddress, '^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|127\.|f[cd])')
