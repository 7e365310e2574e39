-- name: instance_exported
-- title: Machine or image exported to a bucket
-- severity: medium
-- failed: medium
-- via_service: low
-- tactic: exfiltration
-- technique: T1537, T1578.001
-- why: A whole machine, with all that is on it, leaves as one file.
-- benign: Moves to another platform.
-- check: Whose bucket is the destination?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInstanceExportTask.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND NOT by_service AND call IN ('CreateInstanceExportTask',
  'ExportImage', 'CreateStoreImageTask', 'BundleInstance')
