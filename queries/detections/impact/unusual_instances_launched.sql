-- name: unusual_instances_launched
-- title: Very large or GPU instances started
-- severity: high
-- denied: medium
-- failed: medium
-- via_service: low
-- tactic: impact, execution
-- technique: T1496.001, T1578.002
-- why: Stolen accounts are used to mine coins on the most expensive machines, at thousands a day.
-- benign: Machine learning and rendering teams.
-- check: Does anybody here use such machines? Look in all regions, end them, and find the credentials.
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.execution.ec2-launch-unusual-instances/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND NOT by_service
  AND coalesce(errorcode, '') NOT LIKE '%DryRunOperation'
  AND call IN ('RunInstances', 'RequestSpotInstances', 'RequestSpotFleet', 'CreateFleet',
    'CreateLaunchTemplate')
  AND regexp_like(coalesce(requestparameters, ''),
    '(?i)"instanceType":\s*"((p[2-9]|g[3-9]|gr[0-9]|inf[0-9]|trn[0-9]|dl[0-9]|vt[0-9]|f[12])[a-z]*\.|u-|x[12][a-z]*\.|[a-z0-9-]+\.(metal|(16|18|24|32|48|56|112)xlarge))')
