-- name: calls_from_address
-- doc: What was called from an address or a network, and by whom.
-- param: network varchar an address or a network: 198.51.100.7 or 198.51.100.0/24
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn) AS principal,
  useridentity.accesskeyid AS access_key,
  sourceipaddress,
  eventsource,
  eventname,
  errorcode,
  count(*) AS calls,
  min(eventtime) AS first_seen,
  max(eventtime) AS last_seen
FROM cloudtrail
WHERE contains(
    if(strpos($network, '/') > 0, $network, $network || if(strpos($network, ':') > 0, '/128', '/32')),
    TRY_CAST(sourceipaddress AS IPADDRESS)
  )
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY first_seen, eventname
