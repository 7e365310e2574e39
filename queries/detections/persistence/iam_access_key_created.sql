-- name: iam_access_key_created
-- title: User made an access key for itself
-- severity: low
-- via_service: informational
-- tactic: persistence
-- technique: T1098.001
-- why: Long-lived keys are what leaks most often.
-- benign: A user rotating the own key.
-- check: Was the old key deactivated? Is there one at all that must stay?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call = 'CreateAccessKey' AND NOT by_service
  AND coalesce(useridentity.type, '') <> 'Root'
    AND NOT (json_extract_scalar(requestparameters, '$.userName') IS NOT NULL
    AND json_extract_scalar(requestparameters, '$.userName')
      NOT IN (coalesce(useridentity.username, ''), split_part(coalesce(useridentity.arn, ''), '/', 3)))
