-- name: denied_calls
-- doc: Calls that were denied, by principal: which, how often, and when.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby) AS principal,
  eventsource,
  eventname,
  errorcode,
  count(*) AS calls,
  min(eventtime) AS first_seen,
  max(eventtime) AS last_seen,
  array_join(array_sort(array_agg(DISTINCT sourceipaddress)), ', ') AS addresses
FROM cloudtrail
WHERE regexp_like(errorcode, '(?i)denied|unauthorized|forbidden')
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
GROUP BY 1, 2, 3, 4
ORDER BY calls DESC, principal, eventsource, eventname
