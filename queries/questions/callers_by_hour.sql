-- name: callers_by_hour
-- doc: How often each principal called, hour by hour.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  date_trunc('hour', from_iso8601_timestamp(eventtime)) AS hour,
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby) AS principal,
  count(*) AS calls,
  count_if(errorcode IS NOT NULL) AS failed,
  count(DISTINCT eventname) AS different_calls
FROM cloudtrail
WHERE ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
GROUP BY 1, 2
ORDER BY 1, calls DESC, 2
