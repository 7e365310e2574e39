-- name: keys_disabled
-- doc: KMS keys that were disabled, scheduled for deletion, or whose policy changed.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  eventtime,
  eventname,
  useridentity.arn AS changed_by,
  json_extract_scalar(requestparameters, '$.keyId') AS key_id,
  json_extract_scalar(responseelements, '$.deletionDate') AS deletion_date,
  errorcode,
  sourceipaddress,
  awsregion,
  recipientaccountid,
  eventid
FROM cloudtrail
WHERE eventsource = 'kms.amazonaws.com'
  AND eventname IN (
    'ScheduleKeyDeletion', 'DisableKey', 'DisableKeyRotation', 'PutKeyPolicy', 'DeleteImportedKeyMaterial',
    'CancelKeyDeletion'
  )
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
ORDER BY eventtime
