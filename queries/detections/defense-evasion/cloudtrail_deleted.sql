-- name: cloudtrail_deleted
-- title: CloudTrail trail or event data store deleted
-- severity: high
-- tactic: defense-evasion
-- technique: T1562.008
-- why: The trail no longer records; a deleted event data store takes its past with it.
-- benign: An account being closed, or a trail replaced by another.
-- check: Is another trail still recording? Are the old log files still in the bucket?
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.defense-evasion.cloudtrail-delete/
SELECT * FROM events
WHERE eventsource = 'cloudtrail.amazonaws.com' AND call IN ('DeleteTrail', 'DeleteEventDataStore',
  'DeleteChannel')
