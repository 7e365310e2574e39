-- name: cloudshell_file_moved
-- title: File moved into or out of CloudShell
-- severity: low
-- tactic: exfiltration, collection
-- technique: T1567
-- why: CloudShell can carry data out of the account through the browser.
-- benign: Administrators saving results.
-- check: What did the session read before?
-- reference: https://docs.aws.amazon.com/cloudshell/latest/userguide/logging-and-monitoring.html
SELECT * FROM events
WHERE eventsource = 'cloudshell.amazonaws.com' AND call IN ('GetFileDownloadUrls', 'GetFileUploadUrls')
