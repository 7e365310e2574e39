-- name: sessions
-- doc: What each session did, of those whose calls a timeline holds.
--
-- The table `timeline` holds the answer of timeline.sql. A session is told by its principal id and
-- its time of creation: console sessions have a new key for each call.
SELECT
    CASE WHEN relation = 'downstream' THEN credential
        ELSE concat_ws(' ', useridentity.principalid,
            coalesce(CAST(date_trunc('second', TRY_CAST(useridentity.sessioncontext.attributes.creationdate AS timestamp)) AS varchar),
                useridentity.accesskeyid)) END AS id,
    relation = 'downstream' AS followed,
    min(session) AS session,
    min(useridentity.principalid) AS principal_id,
    min(event_timestamp) AS first_call,
    max(event_timestamp) AS last_call,
    count(*) AS calls,
    count(*) FILTER (WHERE coalesce(errorcode, '') <> '') AS failed,
    count(*) FILTER (WHERE errorcode LIKE '%AccessDenied%' OR errorcode LIKE '%Unauthorized%'
        OR errorcode LIKE '%NotAuthorized%' OR errorcode LIKE '%Forbidden%') AS denied,
    array_agg(DISTINCT sourceipaddress ORDER BY sourceipaddress)
        FILTER (WHERE sourceipaddress IS NOT NULL) AS addresses,
    array_agg(DISTINCT useragent ORDER BY useragent) FILTER (WHERE useragent IS NOT NULL) AS user_agents,
    array_agg(DISTINCT useridentity.accesskeyid ORDER BY useridentity.accesskeyid)
        FILTER (WHERE useridentity.accesskeyid IS NOT NULL) AS keys
FROM timeline
-- Where the caller's own record of a call is there, another account's record is no second call.
WHERE depth IS NOT NULL AND NOT (useridentity.type = 'AWSAccount' AND sharedeventid IS NOT NULL
    AND sharedeventid IN (SELECT sharedeventid FROM timeline WHERE useridentity.type IS DISTINCT FROM 'AWSAccount'))
GROUP BY 1, 2
ORDER BY first_call, id
