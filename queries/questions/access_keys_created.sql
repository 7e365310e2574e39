-- name: access_keys_created
-- doc: Access keys and console passwords that were made or changed, for whom and by whom.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  eventtime,
  eventname,
  useridentity.arn AS made_by,
  coalesce(json_extract_scalar(requestparameters, '$.userName'), useridentity.username) AS made_for,
  json_extract_scalar(responseelements, '$.accessKey.accessKeyId') AS access_key,
  errorcode,
  sourceipaddress,
  useragent,
  recipientaccountid,
  eventid
FROM cloudtrail
WHERE eventsource = 'iam.amazonaws.com'
  AND eventname IN ('CreateAccessKey', 'UpdateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile')
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
ORDER BY eventtime
