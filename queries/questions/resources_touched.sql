-- name: resources_touched
-- doc: Which resources records name, what was called on them, and by whom.
-- param: principal varchar? of this role's or user's ARN alone
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  resource.arn AS resource,
  resource.type AS resource_type,
  eventname,
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby) AS principal,
  count(*) AS calls,
  min(eventtime) AS first_seen,
  max(eventtime) AS last_seen
FROM cloudtrail
CROSS JOIN UNNEST(resources) AS touched (resource)
WHERE ($principal IS NULL OR $principal IN (useridentity.sessioncontext.sessionissuer.arn, useridentity.arn))
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
GROUP BY 1, 2, 3, 4
ORDER BY calls DESC, resource, eventname
