-- name: principal_ids
-- doc: The unique ids that a principal's own calls, and those that made its sessions, have for it.
-- param: role varchar a role's ARN without path
-- param: session_arn varchar a session's ARN
-- param: user_arn varchar a user's ARN
-- param: user_name varchar the user's name
-- param: account varchar the account of the role or user
--
-- The table `credentials` holds the answer of credentials.sql. An id with a session stands for that
-- session, one without for the role.
SELECT DISTINCT id FROM (
    SELECT CASE
        WHEN issuer_role = $role THEN split_part(issuer_id, ':', 1)
        WHEN issuer_arn = $session_arn OR issuer_arn = $user_arn
            OR (issuer_type = 'IAMUser' AND issuer_name = $user_name AND issuer_account = $account) THEN issuer_id
    END AS id FROM credentials
    UNION ALL
    SELECT CASE
        WHEN role_arn(arn) = $role THEN split_part(principal_id, ':', 1)
        WHEN arn = $session_arn THEN principal_id
    END FROM credentials)
WHERE id LIKE 'A%'
