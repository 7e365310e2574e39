-- name: identity_deleted
-- title: User, group, role or access of people deleted
-- severity: low
-- via_service: informational
-- tactic: impact
-- technique: T1531
-- why: Locking others out gives an intruder time.
-- benign: People leaving; clean-up.
-- check: Was it announced? Are administrators among them?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
SELECT * FROM events
WHERE eventsource IN ('iam.amazonaws.com', 'sso.amazonaws.com', 'identitystore.amazonaws.com',
  'sso-directory.amazonaws.com') AND NOT by_service
  AND call IN ('DeleteUser', 'DeleteLoginProfile', 'DeleteAccessKey', 'DeleteRole', 'DeleteGroup',
    'RemoveUserFromGroup', 'DeleteAccountAssignment', 'DeletePermissionSet',
    'DisableUser', 'DeleteGroupMembership', 'RemoveMemberFromGroup')
