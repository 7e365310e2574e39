-- name: iam_access_key_created_for_other_user
-- title: Access key created for another user
-- severity: medium
-- via_service: low
-- tactic: persistence
-- technique: T1098.001
-- why: With a key of somebody else's user an attacker acts as that user, for as long as the key lives.
-- benign: An administrator handing out or rotating keys.
-- check: What may that user do? Who uses the key, and from where?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.iam-backdoor-user/
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call = 'CreateAccessKey' AND NOT by_service
  AND useridentity.type IS NOT NULL AND useridentity.type <> 'Root'
  AND (json_extract_scalar(requestparameters, '$.userName') IS NOT NULL
    AND json_extract_scalar(requestparameters, '$.userName')
      IS DISTINCT FROM (CASE WHEN useridentity.type = 'IAMUser' THEN useridentity.username END))
