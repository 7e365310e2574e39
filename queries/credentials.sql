-- name: credentials
-- doc: Every credential that was issued in a window, who issued it, and how its use is recognised.
-- param: window_start timestamp first instant of the window
-- param: window_end timestamp first instant past the window
SELECT
    event_timestamp AS issued_at,
    eventtime AS issued_time,
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
    useridentity.sessioncontext.attributes.creationdate AS issuer_created,
    coalesce(sourceidentity, json_extract_scalar(requestparameters, '$.sourceIdentity')) AS source_identity,
    sourceipaddress AS source_address,
    -- What its use carries: a key, and for sessions a principal id.
    coalesce(json_extract_scalar(responseelements, '$.credentials.accessKeyId'),
        json_extract_scalar(responseelements, '$.accessKey.accessKeyId')) AS key,
    CASE eventname
        WHEN 'GetSessionToken' THEN useridentity.principalid
        WHEN 'GetFederationToken' THEN json_extract_scalar(responseelements, '$.federatedUser.federatedUserId')
        ELSE json_extract_scalar(responseelements, '$.assumedRoleUser.assumedRoleId')
    END AS principal_id,
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
    json_extract_scalar(responseelements, '$.credentials.expiration') AS expires
FROM cloudtrail
WHERE event_timestamp >= $window_start AND event_timestamp < $window_end
    AND coalesce(errorcode, '') = ''
    AND ((eventsource = 'sts.amazonaws.com'
            AND (eventname LIKE 'AssumeRole%' OR eventname = 'GetSessionToken' OR eventname = 'GetFederationToken'))
        OR (eventsource = 'iam.amazonaws.com'
            AND (eventname = 'CreateAccessKey' OR eventname = 'CreateLoginProfile' OR eventname = 'UpdateLoginProfile')))
