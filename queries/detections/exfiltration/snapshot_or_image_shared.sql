-- name: snapshot_or_image_shared
-- title: Disk snapshot or machine image shared with another account
-- severity: medium
-- via_service: low
-- tactic: exfiltration
-- technique: T1537, T1578.001
-- why: The other account can copy the whole disk, with all data and passwords on it.
-- benign: Accounts of the same organisation; backup vendors.
-- check: Whose account is it? Close it if nobody knows.
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.exfiltration.ec2-share-ebs-snapshot/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call IN ('ModifySnapshotAttribute',
  'ModifyImageAttribute') AND NOT by_service
  AND (regexp_like(coalesce(json_extract(requestparameters, '$.createVolumePermission.add'), json_extract(requestparameters, '$.launchPermission.add'), ''),
      '"userId":\s*"[0-9]{12}"|"organizationArn"|"organizationalUnitArn"')
    OR json_extract_scalar(requestparameters, '$.userIds[0]') IS NOT NULL)
