-- name: iam_user_created
-- title: IAM user created
-- severity: medium
-- via_service: low
-- tactic: persistence
-- technique: T1136.003
-- why: A new user with a password or keys of its own stays when the way in is closed.
-- benign: An administrator adding a service user; Terraform run by a person.
-- check: Which rights and keys did the user get? Is there a ticket?
-- reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.iam-create-admin-user/
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND call = 'CreateUser' AND NOT by_service
