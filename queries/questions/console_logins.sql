-- name: console_logins
-- doc: Who signed in to the console, from where, with or without MFA, and whether it succeeded.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  eventtime,
  useridentity.type AS identity_type,
  coalesce(useridentity.username, useridentity.arn) AS identity,
  json_extract_scalar(responseelements, '$.ConsoleLogin') AS outcome,
  json_extract_scalar(additionaleventdata, '$.MFAUsed') AS mfa,
  errormessage,
  sourceipaddress,
  useragent,
  recipientaccountid,
  eventid
FROM cloudtrail
WHERE eventname = 'ConsoleLogin'
  AND eventsource = 'signin.amazonaws.com'
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
ORDER BY eventtime
