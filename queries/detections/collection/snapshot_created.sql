-- name: snapshot_created
-- title: Disk, snapshot or machine image made or attached
-- severity: low
-- via_service: informational
-- tactic: collection, exfiltration
-- technique: T1578.001
-- why: A snapshot is a copy of the disk that can be carried away, or read on another instance.
-- benign: Backups before a change.
-- check: Was it shared or copied afterwards?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshot.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND NOT by_service AND call IN ('CreateSnapshot', 'CreateSnapshots',
  'CreateImage', 'CopySnapshot', 'CopyImage', 'CreateVolume', 'AttachVolume')
