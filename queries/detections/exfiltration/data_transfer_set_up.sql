-- name: data_transfer_set_up
-- title: Data transfer set up by a person
-- severity: low
-- via_service: informational
-- tactic: exfiltration
-- technique: T1537, T1567, T1048
-- why: Transfer services carry whole file systems, buckets and databases to other places.
-- benign: Moves and data exchange with partners.
-- check: Where do the data go?
-- reference: https://docs.aws.amazon.com/datasync/latest/userguide/what-is-datasync.html
SELECT * FROM events
WHERE eventsource IN ('datasync.amazonaws.com', 'transfer.amazonaws.com', 'dms.amazonaws.com',
  'appflow.amazonaws.com', 'snowball.amazonaws.com', 'importexport.amazonaws.com')
  AND NOT by_service AND (useridentity.type IN ('IAMUser', 'FederatedUser', 'IdentityCenterUser')
    OR contains(coalesce(useridentity.arn, ''), ':assumed-role/AWSReservedSSO_'))
  AND call IN ('CreateTask', 'StartTaskExecution', 'CreateLocationS3', 'CreateServer', 'CreateUser',
    'CreateReplicationTask', 'StartReplicationTask', 'CreateFlow', 'CreateJob')
