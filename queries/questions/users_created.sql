-- name: users_created
-- doc: Users and roles that were made, by whom, and users put into groups.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  eventtime,
  eventname,
  useridentity.arn AS made_by,
  coalesce(
    json_extract_scalar(requestparameters, '$.userName'), json_extract_scalar(requestparameters, '$.roleName')
  ) AS made,
  json_extract_scalar(requestparameters, '$.groupName') AS into_group,
  errorcode,
  sourceipaddress,
  recipientaccountid,
  eventid
FROM cloudtrail
WHERE eventsource = 'iam.amazonaws.com'
  AND eventname IN ('CreateUser', 'CreateRole', 'CreateServiceLinkedRole', 'AddUserToGroup')
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
ORDER BY eventtime
