-- name: instances_launched
-- title: Machines or containers started
-- severity: low
-- via_service: informational
-- tactic: execution, impact
-- technique: T1578.002
-- why: New machines cost money and can be a foothold.
-- benign: Developers and administrators at work.
-- check: Which image, type and role? Is it a usual region?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
SELECT * FROM events
WHERE NOT by_service
  AND (eventsource = 'ec2.amazonaws.com' AND call IN ('RunInstances', 'RequestSpotInstances',
    'RequestSpotFleet', 'CreateFleet', 'CreateLaunchTemplate')
    OR eventsource = 'autoscaling.amazonaws.com' AND call = 'CreateAutoScalingGroup'
    OR eventsource = 'lightsail.amazonaws.com' AND call = 'CreateInstances'
    OR eventsource = 'ecs.amazonaws.com' AND call IN ('CreateCluster', 'CreateService', 'RunTask'))
