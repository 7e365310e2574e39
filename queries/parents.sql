-- name: parents
-- doc: With which credential each credential was issued; one at most.
--
-- The table `issued` holds the answer of issued.sql.
WITH
-- The last session with the issuer's id, and the last console password of the issuer, from before
-- each issue: one sorted pass, for joins by time alone pair everything with everything.
latest_session AS (
    SELECT credential, issuer_type, last_value(candidate) IGNORE NULLS OVER (
        PARTITION BY id ORDER BY issued_at, candidate IS NULL ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS parent
    FROM (
        SELECT credential, issuer_type, issuer_id AS id, issued_at, CAST(NULL AS varchar) AS candidate FROM issued
        UNION ALL
        SELECT CAST(NULL AS varchar) AS credential, CAST(NULL AS varchar) AS issuer_type, principal_id AS id, issued_at,
            credential AS candidate
        FROM issued WHERE principal_id IS NOT NULL)
),
latest_login AS (
    SELECT credential, issuer_type, issuer_key, invoked_by, issuer_created,
        last_value(candidate) IGNORE NULLS OVER by_user AS parent, last_value(since) IGNORE NULLS OVER by_user AS since
    FROM (
        SELECT credential, issuer_type, issuer_key, invoked_by, issuer_created, issuer_account || ' ' || issuer_name AS id,
            issued_at, CAST(NULL AS varchar) AS candidate, CAST(NULL AS timestamp) AS since
        FROM issued
        UNION ALL
        SELECT CAST(NULL AS varchar) AS credential, CAST(NULL AS varchar) AS issuer_type, CAST(NULL AS varchar) AS issuer_key,
            CAST(NULL AS varchar) AS invoked_by, CAST(NULL AS timestamp) AS issuer_created,
            account || ' ' || user_name AS id, issued_at, credential AS candidate, CAST(issued_at AS timestamp) AS since
        FROM issued WHERE event LIKE '%LoginProfile')
    WINDOW by_user AS (
        PARTITION BY id ORDER BY issued_at, candidate IS NULL ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
-- Which credential a credential was issued with: told by the key; where each call has a key of its
-- own (console sessions), by the session's id and its time of creation; where only the other
-- account's record is there, by the id; after a console login, by the user.
links AS (
    SELECT child.credential, parent.credential AS parent, 1 AS rank
    FROM issued AS child JOIN issued AS parent ON child.issuer_key = parent.key
    UNION ALL
    SELECT child.credential, parent.credential, 2
    FROM issued AS child JOIN issued AS parent
        ON child.issuer_id = parent.principal_id
            AND date_trunc('second', child.issuer_created) = date_trunc('second', parent.issued_at)
    UNION ALL
    SELECT credential, parent, 3 FROM latest_session WHERE issuer_type = 'AWSAccount'
    UNION ALL
    SELECT credential, parent, 4 FROM latest_login
    WHERE issuer_type = 'IAMUser' AND issuer_key LIKE 'ASIA%' AND invoked_by IS NULL AND issuer_created >= since
)
SELECT credential, parent FROM (
    SELECT *, row_number() OVER (PARTITION BY credential ORDER BY rank, parent) AS choice
    FROM links WHERE credential <> parent)
WHERE choice = 1
