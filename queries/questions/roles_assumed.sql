-- name: roles_assumed
-- doc: Which roles were assumed, by whom and from where.
-- param: role varchar? this role's ARN alone
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  json_extract_scalar(requestparameters, '$.roleArn') AS role,
  eventname,
  coalesce(
    useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby, useridentity.username
  ) AS assumed_by,
  sourceipaddress,
  errorcode,
  count(*) AS times,
  min(eventtime) AS first_seen,
  max(eventtime) AS last_seen
FROM cloudtrail
WHERE eventsource = 'sts.amazonaws.com'
  AND eventname IN ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'AssumeRoot')
  AND ($role IS NULL OR json_extract_scalar(requestparameters, '$.roleArn') = $role)
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
GROUP BY 1, 2, 3, 4, 5
ORDER BY times DESC, role, assumed_by, sourceipaddress
