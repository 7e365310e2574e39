-- name: issued
-- doc: Each credential once, and whether a principal issued it or is its user.
-- param: role varchar a role's ARN without path
-- param: session_arn varchar a session's ARN
-- param: user_arn varchar a user's ARN
-- param: user_name varchar the user's name
-- param: account varchar the account of the role or user
-- param: access_key varchar an access key id
-- param: principal_id varchar a unique id, or id:session
-- param: address varchar a source address
--
-- Only the parameters of the principal asked for have values; comparisons with NULL never hold.
-- The table `credentials` holds the answer of credentials.sql.
WITH
once AS (
    -- A call can be delivered twice, and across accounts it has two records that share the key it
    -- returned. The one in the issuer's own account says who it was.
    SELECT * FROM (
        SELECT *,
            coalesce(key, event_id, concat(source_object, '#', source_index)) AS credential,
            coalesce(split_part(coalesce(arn, CASE WHEN user_name IS NULL THEN issuer_arn END), '::', 2),
                concat(account, ':user/', user_name)) AS label,
            row_number() OVER (
                PARTITION BY coalesce(key, event_id, concat(source_object, '#', source_index))
                ORDER BY issuer_type = 'AWSAccount', issued_at, source_object, source_index) AS copy
        FROM credentials)
    WHERE copy = 1
),
role_ids AS (
    SELECT split_part(principal_id, ':', 1) AS role_id FROM once WHERE role_arn(arn) = $role
    UNION
    SELECT split_part(issuer_id, ':', 1) FROM once WHERE issuer_role = $role
)
SELECT *,
    coalesce(issuer_role = $role OR issuer_arn = $session_arn OR issuer_arn = $user_arn
        OR issuer_key = $access_key OR issuer_id = $principal_id
        OR split_part(issuer_id, ':', 1) = $principal_id OR source_address = $address
        OR (issuer_type = 'AWSAccount' AND role_ids.role_id IS NOT NULL), false) AS by_principal,
    coalesce(role_arn(arn) = $role OR arn = $session_arn OR arn = $user_arn OR key = $access_key
        OR principal_id = $principal_id OR split_part(principal_id, ':', 1) = $principal_id
        OR (user_name = $user_name AND account = $account), false) AS of_principal
FROM once LEFT JOIN role_ids ON split_part(once.issuer_id, ':', 1) = role_ids.role_id
