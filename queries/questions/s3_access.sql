-- name: s3_access
-- doc: Reads, writes and deletions of S3 objects, by principal and bucket.
-- param: bucket varchar? this bucket alone
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby) AS principal,
  json_extract_scalar(requestparameters, '$.bucketName') AS bucket,
  eventname,
  count(*) AS calls,
  count(DISTINCT json_extract_scalar(requestparameters, '$.key')) AS objects,
  count_if(errorcode IS NOT NULL) AS failed,
  min(eventtime) AS first_seen,
  max(eventtime) AS last_seen
FROM cloudtrail
WHERE eventsource = 's3.amazonaws.com'
  AND regexp_like(eventname, '^(Get|Head|Put|Copy|Delete|Restore)Objects?$')
  AND ($bucket IS NULL OR json_extract_scalar(requestparameters, '$.bucketName') = $bucket)
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
GROUP BY 1, 2, 3
ORDER BY calls DESC, principal, bucket, eventname
