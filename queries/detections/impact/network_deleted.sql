-- name: network_deleted
-- title: Subnet or VPC deleted
-- severity: medium
-- via_service: low
-- tactic: impact
-- technique: T1485, T1578.005
-- why: Whatever needed the network stops.
-- benign: Environments being dismantled.
-- check: Was it announced?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call IN ('DeleteSubnet', 'DeleteVpc') AND NOT by_service
