-- name: policy_version_switched
-- title: Default version of a policy switched
-- severity: medium
-- via_service: low
-- tactic: privilege-escalation
-- technique: T1098.003, T1548
-- why: An older, wider version of the policy may come back into force, for everyone who has it.
-- benign: A bad version being rolled back.
-- check: What does the version that holds now allow that the other did not?
-- reference: https://hackingthe.cloud/aws/exploitation/iam_privilege_escalation/
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call = 'SetDefaultPolicyVersion' AND NOT by_service
