-- name: policy_changes
-- doc: Changes of IAM policies and of roles' trust: what, on whom, by whom.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  eventtime,
  eventname,
  useridentity.arn AS changed_by,
  coalesce(
    json_extract_scalar(requestparameters, '$.roleName'),
    json_extract_scalar(requestparameters, '$.userName'),
    json_extract_scalar(requestparameters, '$.groupName')
  ) AS changed,
  coalesce(
    json_extract_scalar(requestparameters, '$.policyArn'),
    json_extract_scalar(requestparameters, '$.policyName')
  ) AS policy,
  errorcode,
  sourceipaddress,
  recipientaccountid,
  eventid
FROM cloudtrail
WHERE eventsource = 'iam.amazonaws.com'
  AND (
    regexp_like(eventname, '^(Attach|Detach|Put|Delete)(User|Role|Group)Policy$')
    OR eventname IN (
      'CreatePolicy', 'CreatePolicyVersion', 'SetDefaultPolicyVersion', 'DeletePolicy',
      'UpdateAssumeRolePolicy', 'PutRolePermissionsBoundary', 'PutUserPermissionsBoundary',
      'DeleteRolePermissionsBoundary', 'DeleteUserPermissionsBoundary'
    )
  )
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
ORDER BY eventtime
