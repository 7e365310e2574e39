-- name: console_login_root
-- title: Root user signed in to the console
-- severity: high
-- tactic: initial-access, privilege-escalation
-- technique: T1078.004
-- why: The root user can do anything and no policy holds it back; daily work never needs it.
-- benign: One of the few tasks that only root can do, such as closing the account or changing the support plan.
-- check: Who has the root mailbox and MFA device, and did they announce the sign-in? What did the session do next?
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html
SELECT * FROM events
WHERE call = 'ConsoleLogin' AND useridentity.type = 'Root'
