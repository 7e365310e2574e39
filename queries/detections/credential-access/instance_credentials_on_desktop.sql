-- name: instance_credentials_on_desktop
-- title: Credentials of an EC2 instance used on a desktop computer
-- severity: high
-- denied: medium
-- failed: medium
-- tactic: credential-access, initial-access
-- technique: T1552.005, T1078.004
-- why: An instance's keys belong on the instance; here they are used from a desktop system, so they were stolen.
-- benign: EC2 Mac instances.
-- check: What did the role do? End its sessions and look for how the metadata service was reached.
-- reference: https://hackingthe.cloud/aws/exploitation/ec2-metadata-ssrf/
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.credential-access.ec2-steal-instance-credentials/
SELECT * FROM events
WHERE contains(useridentity.principalid, ':i-')
  AND regexp_like(useridentity.principalid, ':i-[0-9a-f]{8,17}$') AND NOT by_service
  AND regexp_like(coalesce(useragent, ''), '(?i)darwin/|macos|kali|parrot|blackarch|exec-env/cloudshell')
