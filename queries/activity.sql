-- name: activity
-- doc: A timeline in numbers: how many calls each second, and from where, with what, to what.
--
-- The table `events` holds the answer of events.sql for the calls of a timeline.
WITH told AS (
    SELECT event_timestamp, outcome, is_read, relation,
        CAST(date_trunc('second', event_timestamp) AS varchar) AS second,
        coalesce(nullif(sourceipaddress, ''), '?') AS address,
        coalesce(nullif(useragent, ''), '?') AS user_agent,
        concat(replace(coalesce(eventsource, '?'), '.amazonaws.com', ''), ':', coalesce(eventname, '?')) AS name,
        coalesce(nullif(account, ''), '?') AS log_account,
        coalesce(nullif(awsregion, ''), '?') AS region
    FROM events
)
SELECT
    CASE
        WHEN grouping(relation) = 0 THEN 'relation'
        WHEN grouping(second) = 0 THEN 'second'
        WHEN grouping(address) = 0 THEN 'address'
        WHEN grouping(user_agent) = 0 THEN 'user_agent'
        WHEN grouping(name) = 0 THEN 'call'
        WHEN grouping(log_account) = 0 THEN 'account'
        ELSE 'region'
    END AS kind,
    coalesce(relation, second, address, user_agent, name, log_account, region) AS text,
    count(*) AS events,
    count(*) FILTER (WHERE outcome = 'denied') AS denied,
    count(*) FILTER (WHERE outcome = 'failed') AS failed,
    count(*) FILTER (WHERE outcome = 'ok' AND NOT is_read) AS changes,
    min(event_timestamp) AS first,
    max(event_timestamp) AS last
FROM told
GROUP BY GROUPING SETS ((relation), (second), (address), (user_agent), (name), (log_account), (region))
ORDER BY kind, events DESC, text
