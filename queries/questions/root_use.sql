-- name: root_use
-- doc: What root users did themselves.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT eventtime, eventsource, eventname, sourceipaddress, useragent, errorcode, recipientaccountid, eventid
FROM cloudtrail
WHERE useridentity.type = 'Root'
  AND useridentity.invokedby IS NULL
  AND coalesce(eventtype, '') <> 'AwsServiceEvent'
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
ORDER BY eventtime
