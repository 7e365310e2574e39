-- name: database_snapshot_shared
-- title: Database snapshot shared with another account
-- severity: medium
-- via_service: low
-- tactic: exfiltration
-- technique: T1537
-- why: The other account can restore the whole database.
-- benign: Accounts of the same organisation; backup vendors.
-- check: Whose account is it?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.exfiltration.rds-share-snapshot/
SELECT * FROM events
WHERE NOT by_service
  AND (eventsource = 'rds.amazonaws.com' AND call IN ('ModifyDBSnapshotAttribute',
    'ModifyDBClusterSnapshotAttribute')
      AND json_extract_scalar(requestparameters, '$.valuesToAdd[0]') <> 'all'
    OR eventsource IN ('redshift.amazonaws.com',
      'redshift-serverless.amazonaws.com') AND call IN ('AuthorizeSnapshotAccess', 'AuthorizeDataShare',
      'AuthorizeEndpointAccess'))
