-- name: root_activity
-- title: Root user changed something
-- severity: medium
-- via_service: low
-- tactic: privilege-escalation
-- technique: T1078.004
-- why: Work done as root is not limited by any policy and cannot be told apart by person.
-- benign: One of the few tasks that only root can do; setting up a new account.
-- check: Who used root, and is the change one that needed it?
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-tasks.html
SELECT * FROM events
WHERE useridentity.type = 'Root' AND NOT is_read AND NOT by_service
  AND coalesce(useridentity.invokedby, '') = ''
  AND coalesce(eventtype, 'AwsApiCall') = 'AwsApiCall'
  AND call NOT IN ('ConsoleLogin', 'CreateServiceLinkedRole', 'CheckMfa')
