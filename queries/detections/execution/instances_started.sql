-- name: instances_started
-- title: EC2 instances started again
-- severity: informational
-- via_service: informational
-- tactic: execution
-- technique: T1578.005
-- why: On its own nothing; after a changed start-up script it runs it.
-- benign: Everyday work.
-- check: Was the instance changed while it was stopped?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartInstances.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call IN ('StartInstances', 'RebootInstances') AND NOT by_service
