-- name: s3_bulk_download
-- title: Many objects downloaded with a tool
-- severity: medium
-- via_service: low
-- tactic: exfiltration, collection
-- technique: T1530, T1567
-- correlate: value_count json_extract_scalar(requestparameters, '$.key') >= 100 within 10m by session, json_extract_scalar(requestparameters, '$.bucketName')
-- why: Somebody is carrying a bucket away with a command line or desktop tool.
-- benign: People and jobs syncing a bucket.
-- check: Is it a job that runs every day? Where did the data go?
-- reference: https://attack.mitre.org/techniques/T1530/
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call = 'GetObject' AND outcome = 'ok' AND NOT by_service
  AND (coalesce(client, '') IN ('aws-cli', 's3-browser', 'powershell', 'rclone', 'cyberduck', 's5cmd',
    'browser')
    OR regexp_like(coalesce(useragent, ''), '(?i)s3 browser|cyberduck|cloudberry|winscp|rclone|s3cmd|s5cmd|filezilla|mountain duck'))
