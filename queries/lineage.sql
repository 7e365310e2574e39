-- name: lineage
-- doc: Of the credentials issued, those that a principal's sessions came from and those they led to.
-- param: address varchar a source address
--
-- The tables `issued` and `parents` hold the answers of the queries of these names.
WITH RECURSIVE
-- Every credential has one parent at most, and those that the principal issued itself are where
-- the walk begins and nowhere else: so it ends, whatever loops there are.
down AS (
    SELECT credential, CAST(1 AS bigint) AS depth, label,
        coalesce(split_part(issuer_arn, '::', 2), issuer_id) AS root,
        concat_ws(' > ', coalesce(split_part(issuer_arn, '::', 2), issuer_id), label) AS chain
    FROM issued WHERE by_principal
    UNION ALL
    SELECT issued.credential, down.depth + 1, issued.label, down.root,
        -- Long chains are told by their ends.
        CASE WHEN down.depth < 8 THEN concat_ws(' > ', down.chain, issued.label)
            ELSE concat_ws(' > ', down.root, '…', down.label, issued.label) END
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
    issued.credential, parents.parent, down.depth, heights.height, down.chain, issued.label, by_principal, of_principal,
    issued_at, event_id, event, issuer_type, issuer_arn, issuer_id, issuer_key, issuer_account, issuer_name,
    issuer_service, source_identity, source_address, key, principal_id, arn, user_name, account, expires
FROM issued
    LEFT JOIN down ON down.credential = issued.credential
    LEFT JOIN heights ON heights.credential = issued.credential
    LEFT JOIN parents ON parents.credential = issued.credential
-- Session tokens of others tell which keys of a user are not those of a console login, and other
-- issues of a session's id when it stopped to mean that session. Who called from an address is not
-- known yet.
WHERE down.depth IS NOT NULL OR heights.height IS NOT NULL OR event = 'GetSessionToken' OR $address IS NOT NULL
    OR issued.principal_id IN (
        SELECT followed.principal_id FROM issued AS followed JOIN down ON down.credential = followed.credential
        WHERE followed.principal_id IS NOT NULL)
ORDER BY issued_at, issued.credential
