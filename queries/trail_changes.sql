-- name: trail_changes
-- doc: Who stopped, deleted or narrowed what records calls, in a window.
-- param: window_start timestamp first instant of the window
-- param: window_end timestamp first instant past the window
SELECT eventname AS call, coalesce(useridentity.arn, useridentity.principalid, '?') AS caller,
    eventtime AS time, coalesce(eventid, '?') AS event_id, coalesce(recipientaccountid, '?') AS account,
    coalesce(awsregion, '?') AS region
FROM cloudtrail
WHERE event_timestamp >= $window_start AND event_timestamp < $window_end
    AND eventsource = 'cloudtrail.amazonaws.com'
    AND eventname IN ('StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors', 'DeleteEventDataStore',
        'StopEventDataStoreIngestion', 'UpdateEventDataStore')
    AND coalesce(errorcode, errormessage, '') = ''
ORDER BY eventtime, eventid, source_object, source_index
