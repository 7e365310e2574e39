-- name: leaked_key_quarantined
-- title: AWS quarantined a leaked access key
-- severity: critical
-- denied: critical
-- failed: critical
-- tactic: initial-access, credential-access
-- technique: T1078.004, T1552.001
-- why: AWS found this user's key in a public place and put a policy on it; others have found it as well.
-- benign: None; even a key nobody uses any more must be deleted.
-- check: Delete the key, then look at everything it did since it was published.
-- reference: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call IN ('PutUserPolicy', 'AttachUserPolicy')
  AND contains(coalesce(requestparameters, ''), 'AWSCompromisedKeyQuarantine')
