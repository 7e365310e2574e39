-- name: instance_user_data_changed
-- title: Start-up script of an EC2 instance changed
-- severity: medium
-- denied: low
-- tactic: execution, persistence
-- technique: T1059.009, T1037
-- why: At the next start the script runs as root and can use the instance's role.
-- benign: Instances kept by hand; some infrastructure-as-code changes.
-- check: What is in the user data now? Was the instance stopped and started around it?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.execution.ec2-user-data/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call = 'ModifyInstanceAttribute'
  AND (json_extract(requestparameters, '$.userData') IS NOT NULL
    OR json_extract_scalar(requestparameters, '$.attribute') = 'userData')
