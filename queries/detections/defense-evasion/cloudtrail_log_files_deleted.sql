-- name: cloudtrail_log_files_deleted
-- title: CloudTrail log files deleted
-- severity: high
-- denied: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1070, T1562.008
-- why: The record of what was done is being destroyed.
-- benign: Clean-up of an old log bucket.
-- check: Is there a copy (replication, versions)? What period is missing?
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('DeleteObject', 'DeleteObjects') AND NOT by_service
  AND regexp_like(coalesce(requestparameters, ''), 'AWSLogs/(o-[a-z0-9]+/)?[0-9]{12}/(CloudTrail|CloudTrail-Digest|GuardDuty|Config|vpcflowlogs)')
