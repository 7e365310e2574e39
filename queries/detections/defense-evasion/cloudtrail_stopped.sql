-- name: cloudtrail_stopped
-- title: CloudTrail logging stopped
-- severity: high
-- denied: medium
-- tactic: defense-evasion
-- technique: T1562.008
-- why: Without the trail, what happens next leaves no record.
-- benign: An account being closed, or a trail replaced by another; infrastructure as code then makes the new one first.
-- check: Is another trail still recording (DescribeTrails, GetTrailStatus)? What did the same session do before and after?
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.defense-evasion.cloudtrail-stop/
SELECT * FROM events
WHERE eventsource = 'cloudtrail.amazonaws.com' AND call IN ('StopLogging', 'StopEventDataStoreIngestion')
