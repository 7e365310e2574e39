-- name: root_access_key_created
-- title: Access key created for the root user
-- severity: critical
-- tactic: persistence
-- technique: T1098.001, T1078.004
-- why: A root key can do everything in the account, without MFA, until it is deleted.
-- benign: None; AWS advises never to have one.
-- check: Delete the key at once and look at what root did.
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user_manage_add-key.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call = 'CreateAccessKey' AND useridentity.type = 'Root'
  AND json_extract_scalar(requestparameters, '$.userName') IS NULL
