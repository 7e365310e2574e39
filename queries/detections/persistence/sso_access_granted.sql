-- name: sso_access_granted
-- title: Access granted in IAM Identity Center
-- severity: medium
-- via_service: low
-- tactic: persistence
-- technique: T1098.003
-- why: A user or group got rights in one or many accounts, or a permission set got more rights.
-- benign: Daily administration of access.
-- check: Who asked for it? Which accounts, which permission set?
-- reference: https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateAccountAssignment.html
SELECT * FROM events
WHERE eventsource IN ('sso.amazonaws.com', 'sso-directory.amazonaws.com',
  'identitystore.amazonaws.com') AND NOT by_service
  AND (call IN ('CreateAccountAssignment', 'CreatePermissionSet', 'AttachManagedPolicyToPermissionSet',
      'PutInlinePolicyToPermissionSet', 'PutPermissionsPolicy',
      'AttachCustomerManagedPolicyReferenceToPermissionSet',
      'DeletePermissionsBoundaryFromPermissionSet', 'AddMemberToGroup', 'CreateGroupMembership')
    OR (eventsource <> 'sso.amazonaws.com' AND call IN ('CreateUser', 'UpdatePassword', 'VerifyEmail',
      'EnableUser')))
