-- name: encryption_key_material_imported
-- title: Own key material imported for an encryption key
-- severity: medium
-- tactic: impact
-- technique: T1486
-- why: Whoever brought the key material can take it away again, and with it all data encrypted by it.
-- benign: Companies that bring their own keys.
-- check: Is it our policy to bring keys?
-- reference: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
SELECT * FROM events
WHERE eventsource = 'kms.amazonaws.com' AND call = 'ImportKeyMaterial'
