-- name: snapshot_or_image_made_public
-- title: Disk snapshot or machine image opened to everyone
-- severity: high
-- tactic: exfiltration
-- technique: T1537, T1578.001
-- why: Anyone with an AWS account can copy the whole disk.
-- benign: Images that are published on purpose.
-- check: Close it at once; take what was on the disk as known, passwords included.
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.exfiltration.ec2-share-ami/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call IN ('ModifySnapshotAttribute', 'ModifyImageAttribute',
  'ModifyFpgaImageAttribute')
  AND (regexp_like(coalesce(json_extract(requestparameters, '$.createVolumePermission.add'), json_extract(requestparameters, '$.launchPermission.add'), ''), '"group":\s*"all"')
    OR json_extract_scalar(requestparameters, '$.groups[0]') = 'all'
      AND coalesce(json_extract_scalar(requestparameters, '$.operationType'), 'add') = 'add')
