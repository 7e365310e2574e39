-- name: user_agents
-- doc: With which programs each principal called, the rarest first.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn) AS principal,
  useragent,
  count(*) AS calls,
  count(DISTINCT sourceipaddress) AS addresses,
  min(eventtime) AS first_seen,
  max(eventtime) AS last_seen
FROM cloudtrail
WHERE useridentity.invokedby IS NULL
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
GROUP BY 1, 2
ORDER BY calls, principal, useragent
