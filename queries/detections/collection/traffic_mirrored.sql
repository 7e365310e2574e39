-- name: traffic_mirrored
-- title: Network traffic of instances mirrored
-- severity: medium
-- via_service: low
-- tactic: collection, credential-access
-- technique: T1040
-- why: A copy of all packets goes elsewhere, with every password that is sent unencrypted.
-- benign: Network monitoring being set up.
-- check: Who receives the copy?
-- reference: https://docs.aws.amazon.com/vpc/latest/mirroring/what-is-traffic-mirroring.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND NOT by_service
  AND call IN ('CreateTrafficMirrorSession', 'CreateTrafficMirrorTarget', 'CreateTrafficMirrorFilter',
    'CreateTrafficMirrorFilterRule', 'ModifyTrafficMirrorSession')
