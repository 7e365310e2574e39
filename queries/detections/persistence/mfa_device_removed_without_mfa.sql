-- name: mfa_device_removed_without_mfa
-- title: MFA device removed by a session without MFA
-- severity: medium
-- denied: low
-- via_service: low
-- tactic: persistence, defense-evasion
-- technique: T1556.006
-- why: Somebody without a second factor took one away; from now on a password or key is enough.
-- benign: The help desk replacing a lost device with an access key.
-- check: Did the user ask for it? Was a new device registered, and by whom?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call IN ('DeactivateMFADevice',
  'DeleteVirtualMFADevice') AND NOT by_service
  AND coalesce(useridentity.sessioncontext.attributes.mfaauthenticated, 'false') <> 'true'
