-- name: secrets_read
-- doc: Which secrets and parameters were read, by whom.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn) AS principal,
  eventname,
  coalesce(
    json_extract_scalar(requestparameters, '$.secretId'),
    json_extract_scalar(requestparameters, '$.name'),
    json_extract_scalar(requestparameters, '$.path')
  ) AS secret,
  sourceipaddress,
  errorcode,
  count(*) AS times,
  min(eventtime) AS first_seen,
  max(eventtime) AS last_seen
FROM cloudtrail
WHERE (
    (eventsource = 'secretsmanager.amazonaws.com' AND eventname IN ('GetSecretValue', 'BatchGetSecretValue'))
    OR (eventsource = 'ssm.amazonaws.com' AND eventname IN ('GetParameter', 'GetParameters', 'GetParametersByPath'))
  )
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
GROUP BY 1, 2, 3, 4, 5
ORDER BY times DESC, principal, secret
