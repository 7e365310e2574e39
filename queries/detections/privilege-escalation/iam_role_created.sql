-- name: iam_role_created
-- title: IAM role created
-- severity: low
-- via_service: informational
-- tactic: privilege-escalation
-- technique: T1136.003, T1098.003
-- why: A role can be a way back in for whoever its trust policy names.
-- benign: Everyday work of administrators and of the console, which makes roles for services.
-- check: Whom does the trust policy name, and what may the role do?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call = 'CreateRole' AND NOT by_service
