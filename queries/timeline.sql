-- name: timeline
-- doc: What a role's sessions did in a window, and what was done to the role.
-- param: role varchar the role's ARN without path
-- param: role_name varchar the role's name
-- param: account varchar the role's account
-- param: window_start timestamp first instant of the window
-- param: window_end timestamp first instant past the window
--
-- One role has three names: the issuer's ARN (with a path), the ARN of its sessions (without), and
-- the principal id AROA…:SESSION, which means the role only where another record ties it to the
-- role: the copy that another account gets of a call carries nothing else.
WITH names AS (
    -- Every name by which a call may stand for the role or be aimed at it.
    SELECT *,
        role_arn(useridentity.sessioncontext.sessionissuer.arn) AS issuer_role,
        role_arn(useridentity.arn) AS session_role,
        split_part(useridentity.principalid, ':', 1) AS principal,
        role_arn(json_extract_scalar(requestparameters, '$.roleArn')) AS requested_role,
        json_extract_scalar(requestparameters, '$.roleName') AS requested_name,
        role_arn(json_extract_scalar(requestparameters, '$.policySourceArn')) AS simulated_role,
        role_arn(json_extract_scalar(requestparameters, '$.arn')) AS reported_role,
        role_arn(json_extract_scalar(responseelements, '$.role.arn')) AS answered_role,
        role_arn(json_extract_scalar(responseelements, '$.assumedRoleUser.arn')) AS assumed_role,
        -- Parameters over 100 kB are left out of a record; its resources are not.
        role_arn(resources[1]['arn']) AS first_resource,
        role_arn(resources[2]['arn']) AS second_resource,
        -- A denied call has no parameters; what it was aimed at stands in the message alone.
        mentioned_role(errormessage) AS denied_role,
        split_part(split_part(split_part(errormessage, ' on resource: role ', 2), ' ', 1), '/', -1)
            AS denied_name,
        -- Names without an account mean the account the call was made in.
        coalesce(nullif(recipientaccountid, ''), nullif(useridentity.accountid, ''), $account) = $account
            AS in_account
    FROM cloudtrail
    WHERE event_timestamp >= $window_start AND event_timestamp < $window_end
),
candidates AS (
    SELECT * FROM names
    WHERE issuer_role = $role
        OR session_role = $role
        OR useridentity.type = 'AWSAccount'
        OR (eventsource = 'sts.amazonaws.com' AND eventname LIKE 'AssumeRole%'
            AND (requested_role = $role OR assumed_role = $role OR denied_role = $role
                OR first_resource = $role OR second_resource = $role))
        OR (eventsource = 'iam.amazonaws.com'
            AND (requested_name = $role_name OR requested_role = $role OR simulated_role = $role
                OR reported_role = $role OR answered_role = $role OR denied_role = $role
                OR denied_name = $role_name OR first_resource = $role OR second_resource = $role))
),
identified AS (
    -- What a record says the role's own id is: as its caller, as what it assumed or made.
    SELECT *,
        CASE
            WHEN issuer_role = $role OR session_role = $role THEN principal
            WHEN assumed_role = $role
                THEN split_part(json_extract_scalar(responseelements, '$.assumedRoleUser.assumedRoleId'), ':', 1)
            WHEN answered_role = $role THEN json_extract_scalar(responseelements, '$.role.roleId')
        END AS role_id
    FROM candidates
),
tied AS (
    SELECT *,
        bool_or(role_id IS NOT NULL) OVER (PARTITION BY coalesce(role_id, principal)) AS principal_is_role
    FROM identified
),
matched AS (
    SELECT *,
        CASE
            WHEN issuer_role = $role THEN 'session_issuer'
            WHEN session_role = $role THEN 'session_arn'
            WHEN useridentity.type = 'AWSAccount' AND principal LIKE 'AROA%' AND role_id IS NULL
                AND principal_is_role AND coalesce(useridentity.accountid, $account) = $account THEN 'principal_id'
        END AS matched_by_role,
        CASE
            WHEN eventsource = 'sts.amazonaws.com' AND eventname LIKE 'AssumeRole%' THEN
                CASE
                    WHEN requested_role = $role THEN 'request_role_arn'
                    WHEN assumed_role = $role THEN 'response_role_arn'
                    WHEN denied_role = $role THEN 'error_message'
                    WHEN first_resource = $role OR second_resource = $role THEN 'resource'
                END
            WHEN eventsource = 'iam.amazonaws.com' THEN
                CASE
                    WHEN requested_name = $role_name AND in_account THEN 'request_role_name'
                    WHEN requested_role = $role OR simulated_role = $role OR reported_role = $role
                        THEN 'request_role_arn'
                    WHEN answered_role = $role THEN 'response_role_arn'
                    WHEN denied_role = $role THEN 'error_message'
                    WHEN denied_name = $role_name AND in_account THEN 'error_message'
                    WHEN first_resource = $role OR second_resource = $role THEN 'resource'
                END
        END AS matched_on_role
    FROM tied
),
keyed AS (
    -- A record without an id is itself alone. Two records with one id and another call are not
    -- copies of each other, whatever wrote them.
    SELECT *,
        concat_ws(' ', coalesce(nullif(eventid, ''), concat(source_object, '#', source_index)),
            eventtime, eventsource, eventname) AS event_key
    FROM matched
    WHERE matched_by_role IS NOT NULL OR matched_on_role IS NOT NULL
),
-- The same event can be delivered more than once. In this order copies follow each other; a
-- window over all rows finds them without cutting the rows into a partition for each event.
numbered AS (
    SELECT *,
        row_number() OVER in_order AS number,
        lag(event_key) OVER in_order IS DISTINCT FROM event_key AS is_first,
        count(*) OVER () AS total
    FROM keyed
    WINDOW in_order AS (ORDER BY event_timestamp, event_key, source_object, source_index)
),
counted AS (
    SELECT *,
        coalesce(lead(number) OVER (ORDER BY number), total + 1) - number AS copies
    FROM numbered
    WHERE is_first
)
SELECT
    event_timestamp,
    CASE WHEN matched_by_role IS NOT NULL THEN 'by_role' ELSE 'on_role' END AS relation,
    -- A role can act on itself: then both ways stand here.
    concat_ws(', ', matched_by_role, matched_on_role) AS matched_by,
    CAST(copies AS bigint) AS copies,
    eventversion, useridentity, eventtime, eventsource, eventname, awsregion, sourceipaddress,
    useragent, errorcode, errormessage, requestparameters, responseelements, additionaleventdata,
    requestid, eventid, resources, eventtype, apiversion, readonly, recipientaccountid,
    serviceeventdetails, sharedeventid, vpcendpointid, vpcendpointaccountid, eventcategory,
    addendum, sessioncredentialfromconsole, edgedevicedetails, tlsdetails, managementevent,
    insightdetails, eventcontext, keyexchange, credentialid, identityprovider, invokedbydelegate,
    inscopeof, sourceidentity, assumedroot, signinsessionarn,
    source_object, source_offset, source_index
FROM counted
ORDER BY number
