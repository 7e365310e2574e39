-- name: issued
-- doc: Each credential once, and whether a principal issued it or is its user.
-- param: role varchar a role's ARN without path
-- param: session_arn varchar a session's ARN
-- param: user_arn varchar a user's ARN
-- param: user_name varchar the user's name
-- param: account varchar the account of the role or user
-- param: access_key varchar an access key id
-- param: principal_id varchar a unique id, or id:session
-- param: addresses varchar[] a source address, in every way it is written
--
-- Only the parameters of the principal asked for have values; comparisons with NULL never hold.
-- The tables `credentials` and `principal_ids` hold the answers of the queries of these names.
WITH
once AS (
    -- A call can be delivered twice, and across accounts it has two records that share the key it
    -- returned. The one in the issuer's own account says who it was.
    SELECT * FROM (
        SELECT *,
            coalesce(key, shared_event_id, event_id, concat(source_object, '#', source_index)) AS credential,
            coalesce(split_part(arn, '::', 2), account || ':user/' || user_name,
                split_part(requested_role, '::', 2) || '/' || requested_session, requested_root || ':root') AS label,
            row_number() OVER (
                PARTITION BY coalesce(key, shared_event_id, event_id, concat(source_object, '#', source_index))
                ORDER BY issuer_type = 'AWSAccount', issued_at, source_object, source_index) AS copy
        FROM credentials WHERE is_issue)
    WHERE copy = 1
)
SELECT *,
    coalesce(issuer_role = $role OR issuer_arn = $session_arn OR issuer_arn = $user_arn
        OR issuer_key = $access_key OR issuer_id = $principal_id
        OR split_part(issuer_id, ':', 1) = $principal_id OR source_address = ANY($addresses)
        OR (issuer_type = 'AWSAccount' AND id IS NOT NULL)
        OR (issuer_type = 'IAMUser' AND issuer_name = $user_name AND issuer_account = $account), false) AS by_principal,
    coalesce(role_arn(arn) = $role OR arn = $session_arn OR arn = $user_arn OR key = $access_key
        OR principal_id = $principal_id OR split_part(principal_id, ':', 1) = $principal_id
        OR (user_name = $user_name AND account = $account), false) AS of_principal
FROM once LEFT JOIN principal_ids
    ON CASE WHEN $role IS NOT NULL THEN split_part(once.issuer_id, ':', 1) ELSE once.issuer_id END = principal_ids.id
