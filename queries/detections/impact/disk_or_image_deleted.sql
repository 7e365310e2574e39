-- name: disk_or_image_deleted
-- title: Disks, snapshots or machine images deleted
-- severity: medium
-- via_tool: low
-- via_service: low
-- tactic: impact
-- technique: T1485, T1490
-- why: Backups and images are what an attack is recovered from.
-- benign: Clean-up of old images and disks.
-- check: Can what was deleted be restored (recycle bin, copies)?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.impact.ec2-deregister-ami/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND NOT by_service AND call IN ('DeregisterImage', 'DeleteSnapshot',
  'DeleteVolume')
