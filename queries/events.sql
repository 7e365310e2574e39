-- name: events
-- doc: Recorded calls, with what detections and profiles ask of them in one form.
--
-- The table `recorded` holds the calls, with every column of the table.
SELECT *,
    -- Some calls carry the version of their API: CreateFunction20150331.
    regexp_replace(eventname, '20[0-9]{6}(v[0-9]+)?$', '') AS call,
    CASE
        WHEN coalesce(errorcode, errormessage, '') = ''
            AND (eventname <> 'ConsoleLogin' OR coalesce(responseelements, '') NOT LIKE '%Failure%') THEN 'ok'
        WHEN regexp_like(errorcode, 'Denied|Unauthorized|NotAuthorized|Forbidden|AuthorizationError') THEN 'denied'
        ELSE 'failed'
    END AS outcome,
    -- A service for itself. Anyone can name a role like a service's; its path only AWS can give.
    coalesce(useridentity.type = 'AWSService', false)
        OR coalesce(useridentity.sessioncontext.sessionissuer.arn LIKE '%:role/aws-service-role/%', false)
        OR coalesce(useridentity.arn LIKE '%:assumed-role/AWSServiceRoleFor%'
            AND useridentity.invokedby LIKE '%.amazonaws.com', false) AS by_service,
    -- A service for somebody: what CloudFormation does is done with the rights of whoever asked it.
    -- The console is signin.amazonaws.com.
    coalesce(useridentity.invokedby LIKE '%.amazonaws.com' AND useridentity.invokedby <> 'signin.amazonaws.com', false)
        OR coalesce(sourceipaddress LIKE '%.amazonaws.com', false) AS via_service,
    coalesce(client(useragent) IN ('console', 'browser', 'service', 'terraform', 'pulumi', 'cloudformation', 'aws-cdk'), false)
        AS via_tool,
    CASE WHEN readonly IS NOT NULL THEN readonly = 'true'
        ELSE coalesce(regexp_like(eventname, '^(List|Describe|Get|Head|Lookup|Search|Query|Scan|BatchGet|Select)'), false)
    END AS is_read,
    coalesce(
        role_arn(useridentity.sessioncontext.sessionissuer.arn), role_arn(useridentity.arn),
        nullif(useridentity.arn, ''),
        -- A sign-in that failed names the user alone.
        CASE WHEN useridentity.type = 'IAMUser' THEN
            'arn:aws:iam::' || nullif(useridentity.accountid, '') || ':user/' || nullif(useridentity.username, '') END,
        useridentity.invokedby,
        nullif(concat_ws(':', useridentity.accountid, split_part(useridentity.principalid, ':', 1)), ''),
        'unknown') AS actor,
    CASE useridentity.type
        WHEN 'AssumedRole' THEN 'role'
        WHEN 'Role' THEN 'role'
        WHEN 'IAMUser' THEN 'user'
        WHEN 'IdentityCenterUser' THEN 'user'
        WHEN 'Root' THEN 'root'
        WHEN 'AWSService' THEN 'service'
        WHEN 'AWSAccount' THEN 'account'
        WHEN 'FederatedUser' THEN 'federated'
        WHEN 'SAMLUser' THEN 'federated'
        WHEN 'WebIdentityUser' THEN 'federated'
        ELSE 'unknown'
    END AS actor_type,
    coalesce(nullif(recipientaccountid, ''), nullif(useridentity.accountid, ''), '') AS account,
    -- Console sessions have a new key for each call; what tells a session is when it was made.
    coalesce(
        CASE WHEN useridentity.sessioncontext.attributes.creationdate IS NOT NULL
            THEN concat_ws(' ', useridentity.principalid, useridentity.sessioncontext.attributes.creationdate) END,
        nullif(useridentity.accesskeyid, ''), useridentity.arn, useridentity.principalid, 'unknown') AS session,
    CASE WHEN useridentity.arn LIKE '%:assumed-role/%/%'
        THEN split_part(useridentity.arn, '/', -1) END AS session_name,
    TRY_CAST(useridentity.sessioncontext.attributes.creationdate AS timestamp) AS session_created,
    nullif(useridentity.accesskeyid, '') AS access_key,
    client(coalesce(useragent, '')) AS client,
    network(coalesce(sourceipaddress, '')) AS network
FROM recorded
