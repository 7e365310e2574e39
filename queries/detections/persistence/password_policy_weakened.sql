-- name: password_policy_weakened
-- title: Password policy of the account deleted or changed
-- severity: medium
-- via_service: low
-- tactic: persistence, defense-evasion
-- technique: T1556
-- why: Weaker rules let short, old or reused passwords in.
-- benign: The policy being made stricter, or a baseline being rolled out.
-- check: Is the policy that holds now as strict as the company's?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com'
  AND (call = 'DeleteAccountPasswordPolicy'
    OR (call = 'UpdateAccountPasswordPolicy' AND NOT by_service
      AND (coalesce(TRY_CAST(json_extract_scalar(requestparameters, '$.minimumPasswordLength') AS bigint), 6) < 12
        OR coalesce(json_extract_scalar(requestparameters, '$.requireNumbers'), 'false') = 'false'
        OR coalesce(json_extract_scalar(requestparameters, '$.requireSymbols'), 'false') = 'false')))
