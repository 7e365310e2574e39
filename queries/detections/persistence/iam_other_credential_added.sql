-- name: iam_other_credential_added
-- title: SSH key, service password or certificate added to a user
-- severity: medium
-- via_service: low
-- tactic: persistence
-- technique: T1098.001, T1098.004
-- why: These lesser-known credentials (CodeCommit, Keyspaces, Bedrock API keys, signing certificates) outlive a key rotation.
-- benign: Developers setting up Git access; applications using Bedrock API keys.
-- check: Whose user is it, and does the service it is for get used?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND NOT by_service
  AND call IN ('UploadSSHPublicKey', 'CreateServiceSpecificCredential', 'ResetServiceSpecificCredential',
    'UploadSigningCertificate')
