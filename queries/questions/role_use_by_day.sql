-- name: role_use_by_day
-- doc: What each role did, day by day.
-- param: role varchar? this role's ARN alone
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  useridentity.sessioncontext.sessionissuer.arn AS role,
  date(from_iso8601_timestamp(eventtime)) AS day,
  count(*) AS calls,
  count(DISTINCT eventsource || ':' || eventname) AS different_calls,
  count_if(errorcode IS NOT NULL) AS failed,
  count(DISTINCT sourceipaddress) AS addresses
FROM cloudtrail
WHERE useridentity.type = 'AssumedRole'
  AND ($role IS NULL OR useridentity.sessioncontext.sessionissuer.arn = $role)
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
GROUP BY 1, 2
ORDER BY 1, 2
