-- name: sensitive_call_denied
-- title: Sensitive change to rights, access or records
-- severity: low
-- denied: low
-- via_service: informational
-- tactic: discovery
-- technique: T1069.003, T1580
-- why: It was refused, and such a refusal does not say what exactly was asked for; still somebody tried.
-- benign: A person or pipeline whose rights are too few for the task.
-- check: Is it part of that principal's work? What else did it try?
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
SELECT * FROM events
WHERE outcome = 'denied' AND NOT by_service
  AND call IN ('PutBucketPolicy', 'PutBucketAcl', 'PutBucketVersioning', 'PutBucketPublicAccessBlock',
    'ModifySnapshotAttribute', 'ModifyImageAttribute',
    'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute', 'ModifyDBInstance',
    'ModifyInstanceAttribute', 'AddPermission', 'UpdateFunctionCode', 'CreateFunctionUrlConfig',
    'CreateUser', 'CreateRole', 'CreateAccessKey', 'UpdateAccessKey', 'CreateLoginProfile',
    'UpdateLoginProfile', 'UpdateAssumeRolePolicy', 'AttachUserPolicy', 'AttachRolePolicy',
    'AttachGroupPolicy',
    'PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'CreatePolicyVersion', 'SetDefaultPolicyVersion',
    'AddUserToGroup', 'PassRole', 'AssumeRole', 'GetFederationToken',
    'AuthorizeSecurityGroupIngress', 'PutEventSelectors', 'UpdateTrail', 'UpdateDetector', 'PutKeyPolicy',
    'CreateGrant', 'GetSecretValue', 'BatchGetSecretValue', 'PutResourcePolicy',
    'SendCommand', 'StartSession', 'SendSSHPublicKey', 'PutBucketReplication', 'PutBucketLifecycle',
    'PutRetentionPolicy')
