-- name: lineage
-- doc: Of the credentials issued, those that a principal's sessions came from and those they led to.
-- param: address varchar a source address
--
-- The table `issued` holds the answer of issued.sql.
WITH RECURSIVE
-- Which credential a credential was issued with: told by the key; where each call has a key of its
-- own (console sessions), by the session's id and its time of creation; where only the other
-- account's record is there, by the id; after a console login, by the user.
links AS (
    SELECT child.credential, parent.credential AS parent, 1 AS rank, parent.issued_at
    FROM issued AS child JOIN issued AS parent ON child.issuer_key = parent.key
    UNION ALL
    SELECT child.credential, parent.credential, 2, parent.issued_at
    FROM issued AS child JOIN issued AS parent
        ON child.issuer_id = parent.principal_id AND child.issuer_created = parent.issued_time
    UNION ALL
    SELECT child.credential, parent.credential, 3, parent.issued_at
    FROM issued AS child JOIN issued AS parent
        ON child.issuer_id = parent.principal_id AND child.issued_at >= parent.issued_at
    WHERE child.issuer_type = 'AWSAccount'
    UNION ALL
    SELECT child.credential, parent.credential, 4, parent.issued_at
    FROM issued AS child JOIN issued AS parent
        ON child.issuer_name = parent.user_name AND child.issuer_account = parent.account
            AND child.issued_at >= parent.issued_at
    WHERE child.issuer_type = 'IAMUser' AND child.issuer_key LIKE 'ASIA%' AND parent.event LIKE '%LoginProfile'
),
parents AS (
    SELECT credential, parent FROM (
        SELECT *, row_number() OVER (PARTITION BY credential ORDER BY rank, issued_at, parent) AS choice
        FROM links WHERE credential <> parent)
    WHERE choice = 1
),
-- Every credential has one parent at most, and those that the principal issued itself are where
-- the walk begins and nowhere else: so it ends, whatever loops there are.
down AS (
    SELECT credential, CAST(1 AS bigint) AS depth,
        concat_ws(' > ', coalesce(split_part(issuer_arn, '::', 2), issuer_id), label) AS chain
    FROM issued WHERE by_principal
    UNION ALL
    SELECT issued.credential, down.depth + 1, concat_ws(' > ', down.chain, issued.label)
    FROM down JOIN parents ON parents.parent = down.credential JOIN issued ON issued.credential = parents.credential
    WHERE NOT issued.by_principal
),
-- Upwards a loop has no such end; nobody chains sixteen roles.
up AS (
    SELECT credential, CAST(0 AS bigint) AS height FROM issued WHERE of_principal
    UNION ALL
    SELECT parents.parent, up.height + 1
    FROM up JOIN parents ON parents.credential = up.credential
    WHERE up.height < 16
),
heights AS (SELECT credential, min(height) AS height FROM up GROUP BY credential)
SELECT
    issued.credential, parents.parent, down.depth, heights.height, down.chain, label, by_principal, of_principal,
    issued_at, issued_time, event_id, event, issuer_type, issuer_arn, issuer_id, issuer_key, issuer_account, issuer_name,
    issuer_service, source_identity, source_address, key, principal_id, arn, user_name, account, expires
FROM issued
    LEFT JOIN down ON down.credential = issued.credential
    LEFT JOIN heights ON heights.credential = issued.credential
    LEFT JOIN parents ON parents.credential = issued.credential
-- Session tokens of others tell which keys of a user are not those of a console login. Who called
-- from an address is not known yet.
WHERE down.depth IS NOT NULL OR heights.height IS NOT NULL OR event = 'GetSessionToken' OR $address IS NOT NULL
ORDER BY issued_at, issued.credential
