-- name: table_exported
-- title: Database table exported
-- severity: medium
-- via_service: low
-- tactic: exfiltration, collection
-- technique: T1537, T1213.006
-- why: The whole table leaves as files.
-- benign: Analytics jobs.
-- check: Whose bucket is the destination?
-- reference: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html
SELECT * FROM events
WHERE eventsource IN ('dynamodb.amazonaws.com', 'timestream.amazonaws.com',
  'elasticache.amazonaws.com') AND NOT by_service
  AND (call = 'ExportTableToPointInTime' OR call IN ('CopySnapshot',
    'ExportServerlessCacheSnapshot') AND json_extract_scalar(requestparameters, '$.targetBucket') IS NOT NULL)
