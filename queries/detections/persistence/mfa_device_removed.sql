-- name: mfa_device_removed
-- title: MFA device removed
-- severity: low
-- via_service: informational
-- tactic: persistence, defense-evasion
-- technique: T1556.006
-- why: Until a new device is registered the user has no second factor.
-- benign: A new phone.
-- check: Was a new device registered within minutes?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call IN ('DeactivateMFADevice',
  'DeleteVirtualMFADevice') AND NOT by_service
