-- name: leaked_key_quarantine_lifted
-- title: Quarantine of a leaked key lifted
-- severity: high
-- tactic: defense-evasion, persistence
-- technique: T1098.003, T1562.001
-- why: With the quarantine gone, whoever holds the leaked key can use all of the user's rights again.
-- benign: The key was replaced and the clean-up is done.
-- check: Was the key deleted before the policy was removed?
-- reference: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call IN ('DeleteUserPolicy', 'DetachUserPolicy')
  AND contains(coalesce(requestparameters, ''), 'AWSCompromisedKeyQuarantine')
