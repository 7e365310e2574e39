-- name: encryption_key_lost
-- title: Encryption key disabled or set to be deleted
-- severity: high
-- via_service: low
-- tactic: impact
-- technique: T1485, T1486
-- why: Without its key, everything encrypted with it is lost for good after the waiting time.
-- benign: Keys of dismantled applications.
-- check: What was encrypted with it? Cancel the deletion while there is time.
-- reference: https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
SELECT * FROM events
WHERE eventsource = 'kms.amazonaws.com' AND call IN ('ScheduleKeyDeletion', 'DisableKey',
  'DeleteImportedKeyMaterial', 'DeleteCustomKeyStore', 'DisconnectCustomKeyStore')
  AND NOT by_service
