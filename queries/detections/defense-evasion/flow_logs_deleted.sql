-- name: flow_logs_deleted
-- title: VPC flow logs deleted
-- severity: high
-- tactic: defense-evasion
-- technique: T1562.008
-- why: Network traffic is no longer recorded: scans, downloads and control connections go unseen.
-- benign: A network being dismantled or its logging rebuilt.
-- check: Does another flow log cover the same network?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.defense-evasion.vpc-remove-flow-logs/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call = 'DeleteFlowLogs'
