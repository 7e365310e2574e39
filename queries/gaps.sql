-- name: gaps
-- doc: What the records of a timeline leave out.
--
-- The table `timeline` holds the answer of timeline.sql.
SELECT
    count(*) FILTER (WHERE eventcategory = 'Data' OR managementevent = 'false') AS data_events,
    -- Parameters and answers over 100 kB are left out.
    count(*) FILTER (WHERE requestparameters LIKE '%"omitted"%true%' OR responseelements LIKE '%"omitted"%true%'
        OR serviceeventdetails LIKE '%"omitted"%true%') AS omitted,
    count(*) FILTER (WHERE addendum.reason IS NOT NULL) AS amended,
    count(*) FILTER (WHERE requestparameters LIKE '%HIDDEN_DUE_TO_SECURITY_REASONS%'
        OR responseelements LIKE '%HIDDEN_DUE_TO_SECURITY_REASONS%'
        OR useridentity.username = 'HIDDEN_DUE_TO_SECURITY_REASONS') AS hidden,
    -- Calls on the principal are compared with nobody's past.
    array_agg(DISTINCT coalesce(role_arn(useridentity.sessioncontext.sessionissuer.arn), role_arn(useridentity.arn),
            useridentity.arn))
        FILTER (WHERE relation LIKE 'on_%' AND useridentity.arn <> '') AS callers
FROM timeline
