-- name: root_read
-- title: Root user looked around
-- severity: low
-- via_service: informational
-- tactic: discovery
-- technique: T1078.004, T1580
-- why: Even looking is a use of the root user, which should be rare.
-- benign: Pages of the console that load while root does a planned task.
-- check: Is there a planned use of root at this time?
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html
SELECT * FROM events
WHERE useridentity.type = 'Root' AND is_read AND NOT by_service
  AND coalesce(useridentity.invokedby, '') = '' AND coalesce(eventtype, 'AwsApiCall') = 'AwsApiCall'
