-- name: instance_session_opened
-- title: Shell on an instance opened through Systems Manager
-- severity: medium
-- via_service: low
-- tactic: lateral-movement, execution
-- technique: T1021.007, T1651
-- why: Whoever may start sessions has a shell on the instance, without a network way in.
-- benign: Administrators whose usual way in it is.
-- check: Does this person work on the instance? What did its role do afterwards?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.execution.ssm-start-session/
SELECT * FROM events
WHERE eventsource = 'ssm.amazonaws.com' AND call IN ('StartSession', 'ResumeSession') AND NOT by_service
