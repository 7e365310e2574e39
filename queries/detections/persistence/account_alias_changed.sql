-- name: account_alias_changed
-- title: Account alias changed
-- severity: low
-- via_service: informational
-- tactic: persistence, impact
-- technique: T1098
-- why: The alias is the name people sign in to; changing it locks them out or prepares a lookalike.
-- benign: A company being renamed.
-- check: Who asked for it?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call IN ('CreateAccountAlias',
  'DeleteAccountAlias') AND NOT by_service
