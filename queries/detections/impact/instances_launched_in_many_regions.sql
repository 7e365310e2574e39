-- name: instances_launched_in_many_regions
-- title: Instances started in several regions
-- severity: high
-- denied: medium
-- failed: medium
-- via_service: low
-- tactic: impact, defense-evasion
-- technique: T1496.001, T1535
-- correlate: value_count awsregion >= 3 within 1h by actor
-- why: Few companies start machines in three regions within the hour; coin miners do.
-- benign: A worldwide roll-out.
-- check: Which credentials were used? End the machines in every region.
-- reference: https://attack.mitre.org/techniques/T1535/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND NOT by_service
  AND call IN ('RunInstances', 'RequestSpotInstances', 'RequestSpotFleet', 'CreateFleet')
  AND coalesce(errorcode, '') NOT LIKE '%DryRunOperation'
