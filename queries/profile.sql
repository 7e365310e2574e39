-- name: profile
-- doc: What each actor does, how often, and from where; and how many calls it makes in a minute.
--
-- The table `events` holds the answer of events.sql. A row with a minute counts that minute's calls,
-- one without counts the calls that agree in everything else.
WITH once AS (
    -- An event that was delivered twice counts once. Services call from places of their own.
    SELECT DISTINCT
        coalesce(nullif(eventid, ''), concat(source_object, '#', source_index)) AS event,
        actor, eventsource, call, awsregion, network, client, name_pattern(session_name) AS session_name,
        outcome, date_trunc('minute', event_timestamp) AS minute
    FROM events
    WHERE NOT by_service AND NOT via_service
)
SELECT actor, eventsource, call, awsregion, network, client, session_name, minute,
    count(*) AS calls,
    count(*) FILTER (WHERE outcome = 'denied') AS denied,
    min(minute) AS first_seen,
    max(minute) AS last_seen
FROM once
GROUP BY GROUPING SETS ((actor, eventsource, call, awsregion, network, client, session_name), (actor, minute))
