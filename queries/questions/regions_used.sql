-- name: regions_used
-- doc: In which regions each account was active, and who first was.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  recipientaccountid,
  awsregion,
  count(*) AS calls,
  count_if(readonly = 'false') AS changes,
  min(eventtime) AS first_seen,
  max(eventtime) AS last_seen,
  min_by(coalesce(useridentity.arn, useridentity.invokedby), eventtime) AS first_by
FROM cloudtrail
WHERE ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
GROUP BY 1, 2
ORDER BY calls, recipientaccountid, awsregion
