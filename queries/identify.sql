-- name: identify
-- doc: Whose credentials a function, instance, task or pod has, or who changed an object.
-- param: service varchar the service that assumes the role
-- param: session_name varchar how it names its sessions: by instance, function or task
-- param: function varchar a Lambda function's ARN
-- param: profile_name varchar an instance profile's name
-- param: service_account varchar system:serviceaccount:NAMESPACE:NAME
-- param: bucket varchar a bucket's name
-- param: object_key varchar an object's key
-- param: unique_id varchar a role's or user's id
-- param: window_start timestamp first instant of the window
-- param: window_end timestamp first instant past the window
--
-- What services write is believed first (`firmly`): anybody can name a session like a function.
WITH told AS (
    SELECT event_timestamp, eventid,
        CASE
            WHEN eventsource = 'sts.amazonaws.com' AND eventname LIKE 'AssumeRole%' AND useridentity.type = 'AWSService'
                AND useridentity.invokedby = $service
                AND json_extract_scalar(requestparameters, '$.roleSessionName') = $session_name THEN 'assume_role'
            WHEN eventsource = 'sts.amazonaws.com' AND eventname = 'AssumeRoleWithWebIdentity'
                AND useridentity.username = $service_account THEN 'assume_role'
            WHEN eventsource = 'lambda.amazonaws.com'
                AND json_extract_scalar(responseelements, '$.functionArn') = $function THEN 'function_configuration'
            WHEN eventsource = 'iam.amazonaws.com' AND eventname = 'AddRoleToInstanceProfile'
                AND json_extract_scalar(requestparameters, '$.instanceProfileName') = $profile_name
                THEN 'instance_profile'
            WHEN useridentity.sessioncontext.ec2roledelivery IS NOT NULL
                AND split_part(useridentity.principalid, ':', 2) = $session_name THEN 'instance_session'
            WHEN eventsource = 'ec2.amazonaws.com' AND eventname = 'RunInstances' AND $service = 'ec2.amazonaws.com'
                AND contains(responseelements, concat('"', $session_name, '"')) THEN 'run_instances'
            WHEN eventsource = 's3.amazonaws.com' AND coalesce(readonly, 'false') <> 'true'
                AND json_extract_scalar(requestparameters, '$.bucketName') = $bucket
                AND json_extract_scalar(requestparameters, '$.key') = $object_key THEN 'object_change'
            WHEN json_extract_scalar(responseelements, '$.user.userId') = $unique_id
                OR json_extract_scalar(responseelements, '$.role.roleId') = $unique_id THEN 'created_principal'
            WHEN split_part(useridentity.principalid, ':', 1) = $unique_id AND useridentity.arn IS NOT NULL
                THEN 'principal_id'
            WHEN useridentity.type = 'AssumedRole' AND split_part(useridentity.principalid, ':', 2) = $session_name
                THEN 'session_name'
            WHEN eventsource = 'sts.amazonaws.com' AND eventname LIKE 'AssumeRole%'
                AND useridentity.invokedby = 'ec2.amazonaws.com'
                AND split_part(json_extract_scalar(requestparameters, '$.roleArn'), '/', -1) = $profile_name
                THEN 'profile_name'
        END AS told_by,
        coalesce(role_arn(json_extract_scalar(requestparameters, '$.roleArn')),
            role_arn(json_extract_scalar(responseelements, '$.role')),
            role_arn(json_extract_scalar(requestparameters, '$.role'))) AS named_role,
        coalesce(json_extract_scalar(responseelements, '$.user.arn'),
            json_extract_scalar(responseelements, '$.role.arn')) AS created,
        coalesce(json_extract_scalar(requestparameters, '$.iamInstanceProfile.arn'),
            json_extract_scalar(requestparameters, '$.iamInstanceProfile.name')) AS profile,
        role_arn(coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn)) AS caller_role,
        useridentity.arn AS caller,
        recipientaccountid AS account,
        json_extract_scalar(requestparameters, '$.roleName') AS role_name
    FROM cloudtrail
    WHERE event_timestamp >= $window_start AND event_timestamp < $window_end
),
found AS (
    SELECT event_timestamp, eventid, told_by,
        CASE
            WHEN told_by = 'instance_profile'
                THEN concat(split_part(caller, ':', 1), ':', split_part(caller, ':', 2), ':iam::', account, ':role/', role_name)
            WHEN told_by = 'created_principal' THEN created
            -- Not a role yet: the profile that the instance was started with.
            WHEN told_by = 'run_instances' THEN profile
            WHEN told_by IN ('instance_session', 'object_change', 'principal_id', 'session_name') THEN coalesce(caller_role, caller)
            ELSE named_role
        END AS arn
    FROM told
    WHERE told_by IS NOT NULL
)
SELECT arn, told_by, told_by NOT IN ('session_name', 'profile_name') AS firmly,
    max(event_timestamp) AS last_told, last_value(eventid ORDER BY event_timestamp) AS event_id
FROM found
WHERE arn IS NOT NULL
GROUP BY arn, told_by
ORDER BY firmly DESC, last_told DESC, arn
