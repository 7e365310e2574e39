-- name: credentials
-- doc: Every credential that was issued in a window, who issued it, and how its use is recognised;
--   and the principal's own calls, which tell its ids.
-- param: role varchar a role's ARN without path
-- param: session_arn varchar a session's ARN
-- param: user_arn varchar a user's ARN
-- param: user_name varchar the user's name
-- param: account varchar the account of the role or user
-- param: window_start timestamp first instant of the window
-- param: window_end timestamp first instant past the window
SELECT
    event_timestamp AS issued_at,
    sharedeventid AS shared_event_id,
    eventid AS event_id,
    eventname AS event,
    source_object,
    source_index,
    -- The issuer: whoever made the call.
    useridentity.type AS issuer_type,
    useridentity.arn AS issuer_arn,
    role_arn(coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn)) AS issuer_role,
    useridentity.principalid AS issuer_id,
    coalesce(useridentity.accountid, recipientaccountid) AS issuer_account,
    nullif(useridentity.accesskeyid, '') AS issuer_key,
    useridentity.username AS issuer_name,
    coalesce(useridentity.invokedby, identityprovider) AS issuer_service,
    TRY_CAST(useridentity.sessioncontext.attributes.creationdate AS timestamp) AS issuer_created,
    useridentity.invokedby AS invoked_by,
    coalesce(sourceidentity, json_extract_scalar(requestparameters, '$.sourceIdentity')) AS source_identity,
    sourceipaddress AS source_address,
    -- What its use carries: a key, and for sessions a principal id.
    nullif(coalesce(json_extract_scalar(responseelements, '$.credentials.accessKeyId'),
        json_extract_scalar(responseelements, '$.accessKey.accessKeyId')), '') AS key,
    nullif(CASE eventname
        WHEN 'GetSessionToken' THEN useridentity.principalid
        WHEN 'GetFederationToken' THEN json_extract_scalar(responseelements, '$.federatedUser.federatedUserId')
        ELSE json_extract_scalar(responseelements, '$.assumedRoleUser.assumedRoleId')
    END, '') AS principal_id,
    CASE eventname
        WHEN 'GetSessionToken' THEN useridentity.arn
        WHEN 'GetFederationToken' THEN json_extract_scalar(responseelements, '$.federatedUser.arn')
        ELSE json_extract_scalar(responseelements, '$.assumedRoleUser.arn')
    END AS arn,
    -- Keys and logins belong to a user: the caller, where the request names none.
    CASE WHEN eventsource = 'iam.amazonaws.com' THEN
        coalesce(json_extract_scalar(responseelements, '$.accessKey.userName'),
            json_extract_scalar(responseelements, '$.loginProfile.userName'),
            json_extract_scalar(requestparameters, '$.userName'), useridentity.username)
    END AS user_name,
    recipientaccountid AS account,
    json_extract_scalar(responseelements, '$.credentials.expiration') AS expires,
    json_extract_scalar(requestparameters, '$.roleArn') AS requested_role,
    json_extract_scalar(requestparameters, '$.targetPrincipal') AS requested_root,
    json_extract_scalar(requestparameters, '$.roleSessionName') AS requested_session,
    coalesce(errorcode, '') = ''
        AND ((eventsource = 'sts.amazonaws.com'
                AND (eventname LIKE 'AssumeRo%' OR eventname = 'GetSessionToken' OR eventname = 'GetFederationToken'))
            OR (eventsource = 'iam.amazonaws.com' AND (eventname = 'CreateAccessKey'
                OR eventname = 'CreateLoginProfile' OR eventname = 'UpdateLoginProfile'))) AS is_issue
FROM cloudtrail
WHERE event_timestamp >= $window_start AND event_timestamp < $window_end
    AND ((eventsource = 'sts.amazonaws.com'
            AND (eventname LIKE 'AssumeRo%' OR eventname = 'GetSessionToken' OR eventname = 'GetFederationToken'))
        OR (eventsource = 'iam.amazonaws.com'
            AND (eventname = 'CreateAccessKey' OR eventname = 'CreateLoginProfile' OR eventname = 'UpdateLoginProfile'))
        OR role_arn(useridentity.sessioncontext.sessionissuer.arn) = $role OR role_arn(useridentity.arn) = $role
        OR useridentity.arn = $session_arn OR useridentity.arn = $user_arn
        OR (useridentity.type = 'IAMUser' AND useridentity.username = $user_name AND useridentity.accountid = $account))
