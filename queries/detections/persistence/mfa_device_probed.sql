-- name: mfa_device_probed
-- title: Second MFA device registered by a session without MFA
-- severity: medium
-- failed: medium
-- tactic: persistence
-- technique: T1556.006
-- why: A session without a second factor tried to register one where one exists: the usual self-service policy makes that a way around MFA.
-- benign: A user who set up a device halfway and tries again.
-- check: Does the user own the device that exists?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateVirtualMFADevice.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call = 'CreateVirtualMFADevice'
  AND coalesce(errorcode, '') IN ('EntityAlreadyExists', 'EntityAlreadyExistsException')
  AND coalesce(useridentity.sessioncontext.attributes.mfaauthenticated, 'false') <> 'true'
