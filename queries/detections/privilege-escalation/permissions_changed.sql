-- name: permissions_changed
-- title: Permissions or trust of a user, group or role changed
-- severity: low
-- via_service: informational
-- tactic: privilege-escalation
-- technique: T1098.003
-- why: Somebody may do something that was not allowed before.
-- benign: Everyday administration.
-- check: What is allowed now, and to whom?
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND NOT by_service
  AND call IN ('PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'AttachUserPolicy', 'AttachRolePolicy',
    'AttachGroupPolicy',
    'CreatePolicyVersion', 'AddUserToGroup', 'UpdateAssumeRolePolicy', 'DeleteUserPolicy',
    'DeleteRolePolicy', 'DeleteGroupPolicy',
    'DetachUserPolicy', 'DetachRolePolicy', 'DetachGroupPolicy', 'DeletePolicy')
