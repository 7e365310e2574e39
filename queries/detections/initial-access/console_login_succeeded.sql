-- name: console_login_succeeded
-- title: Console sign-in
-- severity: informational
-- silent: true
-- tactic: initial-access
-- technique: T1078.004
-- why: Somebody signed in at the console.
-- benign: Everyday work.
-- check: Was it expected?
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
SELECT * FROM events
WHERE call = 'ConsoleLogin' AND outcome = 'ok'
