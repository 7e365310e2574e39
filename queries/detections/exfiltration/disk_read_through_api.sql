-- name: disk_read_through_api
-- title: Disk contents read through the EBS direct interface
-- severity: medium
-- via_service: low
-- tactic: exfiltration, collection
-- technique: T1530, T1578.001
-- why: Whole disks can be downloaded block by block, without an instance and without sharing anything.
-- benign: Backup and scanning vendors.
-- check: Is it a vendor of ours? How much was read?
-- reference: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-accessing-snapshot.html
SELECT * FROM events
WHERE eventsource = 'ebs.amazonaws.com' AND call IN ('GetSnapshotBlock', 'ListSnapshotBlocks',
  'ListChangedBlocks') AND NOT by_service
