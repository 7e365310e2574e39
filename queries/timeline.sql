-- name: timeline
-- doc: What a principal did in a window, what was done to it, and what its credentials led to.
-- param: subject varchar what kind of principal: role, session, user, key, id, address, resource
-- param: role varchar a role's ARN without path
-- param: role_name varchar the role's name
-- param: session_arn varchar a session's ARN
-- param: user_arn varchar a user's ARN
-- param: user_name varchar the user's name
-- param: account varchar the account of the role or user, or of the resource
-- param: access_key varchar an access key id
-- param: principal_id varchar a unique id, or id:session
-- param: addresses varchar[] a source address, in every way it is written
-- param: resource varchar a resource's ARN
-- param: resource_quoted varchar the same with the quote that ends a JSON string
-- param: resource_escaped varchar the same in JSON that is text in JSON
-- param: resource_name varchar the name in that ARN, as a JSON member's value
-- param: resource_source varchar the event source of the ARN's service
-- param: resource_region varchar the ARN's region
-- param: bucket varchar the bucket, if the resource is one or an object in it
-- param: object_key varchar the object's key
-- param: keys varchar[] access keys of the credentials that are followed
-- param: principals varchar[] principal ids of their sessions
-- param: sessions varchar[] the same, each with its session's second of creation
-- param: logins varchar[] names of users whose console login is followed
-- param: other_keys varchar[] keys of these users that come from elsewhere
-- param: known_ids varchar[] ids that are known to be the principal's
-- param: window_start timestamp first instant of the window
-- param: window_end timestamp first instant past the window
--
-- Only the parameters of the principal asked for have values; comparisons with NULL never hold.
--
-- One role has three names: the issuer's ARN (with a path), the ARN of its sessions (without), and
-- the principal id AROA…:SESSION, which means the role only where another record ties it to the
-- role: the copy that another account gets of a call carries nothing else.
WITH names AS (
    -- Every name by which a call may stand for the principal or be aimed at it.
    SELECT *,
        role_arn(useridentity.sessioncontext.sessionissuer.arn) AS issuer_role,
        role_arn(useridentity.arn) AS session_role,
        split_part(useridentity.principalid, ':', 1) AS principal,
        TRY_CAST(useridentity.sessioncontext.attributes.creationdate AS timestamp) AS session_created,
        concat_ws(' ', useridentity.principalid, CAST(date_trunc('second',
            TRY_CAST(useridentity.sessioncontext.attributes.creationdate AS timestamp)) AS varchar)) AS principal_session,
        role_arn(json_extract_scalar(requestparameters, '$.roleArn')) AS requested_role,
        json_extract_scalar(requestparameters, '$.roleName') AS requested_role_name,
        json_extract_scalar(requestparameters, '$.userName') AS requested_user_name,
        role_arn(json_extract_scalar(requestparameters, '$.policySourceArn')) AS simulated_role,
        role_arn(json_extract_scalar(requestparameters, '$.arn')) AS reported_role,
        role_arn(json_extract_scalar(responseelements, '$.role.arn')) AS answered_role,
        json_extract_scalar(responseelements, '$.assumedRoleUser.arn') AS assumed_session,
        json_extract_scalar(responseelements, '$.assumedRoleUser.assumedRoleId') AS assumed_id,
        -- Parameters over 100 kB are left out of a record; its resources are not.
        role_arn(resources[1]['arn']) AS first_resource,
        role_arn(resources[2]['arn']) AS second_resource,
        -- A denied call has no parameters; what it was aimed at stands in the message alone.
        mentioned_role(errormessage) AS denied_role,
        split_part(errormessage, ' on resource: ', 2) AS denied_target,
        -- Names without an account mean the account the call was made in.
        $account IS NULL
            OR coalesce(nullif(recipientaccountid, ''), nullif(useridentity.accountid, ''), $account) = $account
            AS in_account
    FROM cloudtrail
    WHERE event_timestamp >= $window_start AND event_timestamp < $window_end
),
labelled AS (
    SELECT *,
        CASE
            WHEN issuer_role = $role THEN 'session_issuer'
            WHEN session_role = $role THEN 'session_arn'
            WHEN useridentity.arn = $session_arn THEN 'session_arn'
            WHEN useridentity.arn = $user_arn THEN 'user_arn'
            WHEN useridentity.type = 'IAMUser' AND useridentity.username = $user_name AND useridentity.accountid = $account
                THEN 'user_name'
            WHEN useridentity.accesskeyid = $access_key THEN 'access_key'
            WHEN useridentity.principalid = $principal_id OR principal = $principal_id THEN 'principal_id'
            WHEN sourceipaddress = ANY($addresses) THEN 'source_address'
        END AS by_name,
        CASE
            WHEN eventsource = 'sts.amazonaws.com' AND eventname LIKE 'AssumeRole%' THEN
                CASE
                    WHEN requested_role = $role THEN 'request_role_arn'
                    WHEN role_arn(assumed_session) = $role THEN 'response_role_arn'
                    WHEN denied_role = $role THEN 'error_message'
                    WHEN first_resource = $role OR second_resource = $role THEN 'resource'
                    WHEN assumed_session = $session_arn THEN 'response_session_arn'
                END
            WHEN eventsource = 'iam.amazonaws.com' THEN
                CASE
                    WHEN requested_role_name = $role_name AND in_account THEN 'request_role_name'
                    WHEN requested_role = $role OR simulated_role = $role OR reported_role = $role
                        THEN 'request_role_arn'
                    WHEN answered_role = $role THEN 'response_role_arn'
                    WHEN denied_role = $role THEN 'error_message'
                    WHEN split_part(split_part(split_part(denied_target, 'role ', 2), ' ', 1), '/', -1) = $role_name
                        AND in_account THEN 'error_message'
                    WHEN first_resource = $role OR second_resource = $role THEN 'resource'
                    WHEN requested_user_name = $user_name AND in_account THEN 'request_user_name'
                    WHEN json_extract_scalar(responseelements, '$.user.arn') = $user_arn THEN 'response_user_arn'
                    WHEN split_part(denied_target, ' ', 1) = $user_arn THEN 'error_message'
                    WHEN split_part(split_part(split_part(denied_target, 'user ', 2), ' ', 1), '/', -1) = $user_name
                        AND in_account THEN 'error_message'
                END
        END AS on_name,
        CASE
            WHEN json_extract_scalar(requestparameters, '$.accessKeyId') = $access_key THEN 'request_access_key'
            WHEN json_extract_scalar(responseelements, '$.accessKey.accessKeyId') = $access_key
                OR json_extract_scalar(responseelements, '$.credentials.accessKeyId') = $access_key
                THEN 'response_access_key'
            WHEN assumed_id = $principal_id OR split_part(assumed_id, ':', 1) = $principal_id
                OR json_extract_scalar(responseelements, '$.role.roleId') = $principal_id
                OR json_extract_scalar(responseelements, '$.user.userId') = $principal_id
                THEN 'response_principal_id'
            WHEN json_extract_scalar(responseelements, '$.federatedUser.arn') = $user_arn THEN 'response_user_arn'
            WHEN resources[1]['arn'] = $resource OR resources[2]['arn'] = $resource
                OR resources[3]['arn'] = $resource OR resources[4]['arn'] = $resource
                OR resources[5]['arn'] = $resource OR resources[6]['arn'] = $resource THEN 'resource'
            -- A quote (in a policy, an escaped one) ends the ARN: others begin with the same text.
            WHEN contains(requestparameters, $resource_quoted) OR contains(requestparameters, $resource_escaped)
                THEN 'request_parameters'
            WHEN contains(responseelements, $resource_quoted) OR contains(responseelements, $resource_escaped)
                THEN 'response_elements'
            WHEN split_part(denied_target, ' ', 1) = $resource THEN 'error_message'
            WHEN json_extract_scalar(requestparameters, '$.bucketName') = $bucket
                AND ($object_key IS NULL OR json_extract_scalar(requestparameters, '$.key') = $object_key)
                THEN 'request_parameters'
            WHEN contains(requestparameters, $resource_name) AND eventsource = $resource_source AND in_account
                AND ($resource_region IS NULL OR awsregion = $resource_region) THEN 'request_parameters'
        END AS on_thing,
        -- The credential that made the call, if it is one that is followed.
        CASE
            WHEN useridentity.accesskeyid = ANY($keys) THEN useridentity.accesskeyid
            WHEN useridentity.principalid = ANY($principals)
                AND principal_session = ANY($sessions) THEN principal_session
            -- What another account's log shows of a call: this alone.
            WHEN useridentity.principalid = ANY($principals) AND useridentity.type = 'AWSAccount'
                THEN useridentity.principalid
            -- Console sessions have a new key for each call; so have calls that services make.
            WHEN useridentity.username = ANY($logins) AND useridentity.type = 'IAMUser'
                AND useridentity.invokedby IS NULL
                AND (eventname = 'ConsoleLogin' OR useridentity.accesskeyid LIKE 'ASIA%')
                AND NOT coalesce(useridentity.accesskeyid, '') = ANY($other_keys)
                THEN concat_ws(' ', coalesce(useridentity.accountid, recipientaccountid), useridentity.username)
        END AS credential
    FROM names
),
candidates AS (
    SELECT * FROM labelled
    WHERE by_name IS NOT NULL OR on_name IS NOT NULL OR on_thing IS NOT NULL OR credential IS NOT NULL
        OR (useridentity.type = 'AWSAccount'
            AND ($role IS NOT NULL OR $session_arn IS NOT NULL OR $user_arn IS NOT NULL))
        OR useridentity.principalid = ANY($principals)
),
identified AS (
    -- What a record says the role's own id (or the session's) is: as its caller, as what it
    -- assumed or made. An id with a session stands for that session, one without for the role.
    SELECT *,
        CASE WHEN $role IS NOT NULL THEN principal ELSE useridentity.principalid END AS caller_id,
        CASE
            WHEN issuer_role = $role OR session_role = $role THEN principal
            WHEN useridentity.arn = $session_arn OR by_name IN ('user_arn', 'user_name') THEN useridentity.principalid
            WHEN role_arn(assumed_session) = $role THEN split_part(assumed_id, ':', 1)
            WHEN assumed_session = $session_arn THEN assumed_id
            WHEN answered_role = $role THEN json_extract_scalar(responseelements, '$.role.roleId')
        END AS known_id
    FROM candidates
),
tied AS (
    SELECT *,
        bool_or(known_id IS NOT NULL) OVER (PARTITION BY coalesce(known_id, caller_id)) AS id_is_known,
        -- The caller's own record of a call, beside which another account's says nothing new.
        bool_or(useridentity.type IS DISTINCT FROM 'AWSAccount')
            OVER (PARTITION BY coalesce(sharedeventid, concat(source_object, '#', source_index))) AS has_own_record
    FROM identified
),
matched AS (
    SELECT tied.*, session, depth, chain, issued,
        CASE
            WHEN by_name IS NOT NULL THEN by_name
            WHEN useridentity.type = 'AWSAccount' AND principal LIKE 'A%' AND known_id IS NULL
                AND (id_is_known OR caller_id = ANY($known_ids))
                AND coalesce(useridentity.accountid, $account) = $account THEN 'principal_id'
        END AS matched_by_principal,
        coalesce(on_name, on_thing) AS matched_on_principal,
        CASE WHEN (useridentity.type IS DISTINCT FROM 'AWSAccount') OR NOT has_own_record THEN recognised_by END AS matched_downstream
    FROM tied LEFT JOIN downstream
        ON tied.credential = downstream.credential
            AND event_timestamp >= downstream.valid_from AND event_timestamp < downstream.valid_until
            -- A session from before the password was set is nobody's but the user's.
            AND (recognised_by <> 'login_profile' OR eventname = 'ConsoleLogin' OR session_created >= downstream.valid_from)
),
keyed AS (
    -- A record without an id is itself alone. Two records with one id and another call are not
    -- copies of each other, whatever wrote them.
    SELECT *,
        concat_ws(' ', coalesce(nullif(eventid, ''), concat(source_object, '#', source_index)),
            eventtime, eventsource, eventname) AS event_key
    FROM matched
    WHERE matched_by_principal IS NOT NULL OR matched_on_principal IS NOT NULL OR matched_downstream IS NOT NULL
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
    CASE
        WHEN matched_by_principal IS NOT NULL THEN concat('by_', $subject)
        WHEN matched_downstream IS NOT NULL THEN 'downstream'
        ELSE concat('on_', $subject)
    END AS relation,
    -- A principal can act on itself: then both ways stand here.
    concat_ws(', ', matched_by_principal, CASE WHEN matched_by_principal IS NULL THEN matched_downstream END,
        matched_on_principal) AS matched_by,
    CAST(copies AS bigint) AS copies,
    coalesce(useridentity.arn, session, nullif(useridentity.principalid, ''), useridentity.invokedby) AS session,
    CASE WHEN matched_by_principal IS NOT NULL THEN 0 WHEN matched_downstream IS NOT NULL THEN depth END AS depth,
    CASE
        WHEN matched_by_principal IS NOT NULL THEN coalesce(split_part(useridentity.arn, '::', 2), useridentity.principalid)
        WHEN matched_downstream IS NOT NULL THEN chain
    END AS chain,
    CASE WHEN matched_by_principal IS NULL AND matched_downstream IS NOT NULL THEN issued END AS credential,
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
