-- name: s3_object_made_public
-- title: Object opened to everyone
-- severity: medium
-- via_service: low
-- tactic: exfiltration
-- technique: T1530, T1537
-- why: Anyone in the world can read the file.
-- benign: Pictures and downloads of websites.
-- check: What is in the file?
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('PutObjectAcl', 'PutObject',
  'CopyObject') AND NOT by_service
  AND regexp_like(coalesce(requestparameters, ''), 'acs\.amazonaws\.com/groups/global/(AllUsers|AuthenticatedUsers)|"x-amz-acl":\s*\[?"(public-read|public-read-write|authenticated-read)"')
