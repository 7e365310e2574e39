-- name: trail_changes
-- doc: What was done to logging and detection: trails, event data stores, GuardDuty, Config, flow logs.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  eventtime,
  eventsource,
  eventname,
  useridentity.arn AS changed_by,
  errorcode,
  sourceipaddress,
  awsregion,
  recipientaccountid,
  eventid
FROM cloudtrail
WHERE (
    (eventsource = 'cloudtrail.amazonaws.com'
      AND regexp_like(eventname, '^(Stop|Delete|Update|Put)'))
    OR (eventsource = 'guardduty.amazonaws.com'
      AND regexp_like(eventname, '^(Delete|Disassociate|Stop|Update|Archive)'))
    OR (eventsource = 'config.amazonaws.com' AND regexp_like(eventname, '^(Stop|Delete)'))
    OR (eventsource = 'securityhub.amazonaws.com' AND regexp_like(eventname, '^(Disable|Delete|Disassociate)'))
    OR eventname IN ('DeleteFlowLogs', 'DeleteLogGroup', 'DeleteLogStream', 'PutBucketLogging')
  )
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
ORDER BY eventtime
