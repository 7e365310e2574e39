-- name: snapshot_public_block_off
-- title: Block on public snapshots, images or networks switched off
-- severity: medium
-- tactic: defense-evasion, exfiltration
-- technique: T1562.001, T1537
-- why: The safety catch against publishing disks and images is off.
-- benign: A public image about to be published on purpose.
-- check: What was shared afterwards?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableSnapshotBlockPublicAccess.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com'
  AND call IN ('DisableSnapshotBlockPublicAccess', 'DisableImageBlockPublicAccess',
    'DeleteVpcBlockPublicAccessExclusion', 'DisableAllowedImagesSettings')
