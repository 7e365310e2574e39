-- name: instances_stopped_or_terminated
-- title: EC2 instances stopped or terminated
-- severity: medium
-- via_service: low
-- tactic: impact
-- technique: T1578.003, T1489
-- why: Services stop; a terminated instance and its disks do not come back.
-- benign: Administrators and developers cleaning up.
-- check: Was it announced? Which services ran there?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND NOT by_service AND call IN ('TerminateInstances', 'StopInstances')
