-- name: bedrock_invoked_by_person
-- title: AI model called with a person's or user's keys
-- severity: low
-- via_service: informational
-- tactic: impact
-- technique: T1496.004
-- why: Programs call models with roles; a user's keys that do may be stolen.
-- benign: Developers trying models.
-- check: How many calls, and from where?
-- reference: https://attack.mitre.org/techniques/T1496/004/
SELECT * FROM events
WHERE eventsource IN ('bedrock.amazonaws.com', 'bedrock-runtime.amazonaws.com') AND NOT by_service
  AND call IN ('InvokeModel', 'InvokeModelWithResponseStream', 'Converse',
    'ConverseStream') AND useridentity.type = 'IAMUser'
