-- name: database_logs_downloaded
-- title: Log files of a database downloaded by a tool
-- severity: medium
-- via_service: low
-- tactic: collection, exfiltration
-- technique: T1530, T1213.006
-- why: Database logs hold queries, and with them data and at times passwords.
-- benign: Log collectors and administrators looking for an error.
-- check: Is it a collector of ours?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DownloadDBLogFilePortion.html
SELECT * FROM events
WHERE eventsource = 'rds.amazonaws.com' AND call IN ('DownloadDBLogFilePortion', 'DownloadCompleteDBLogFile',
  'DownloadCompleteLogFile') AND NOT by_service
