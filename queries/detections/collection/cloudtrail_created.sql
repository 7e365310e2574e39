-- name: cloudtrail_created
-- title: CloudTrail trail created
-- severity: low
-- via_service: informational
-- tactic: collection, defense-evasion
-- technique: T1530, T1562.008
-- why: A trail of an attacker's own copies the account's activity to the attacker's bucket.
-- benign: The platform team setting up logging.
-- check: Whose bucket does it write to?
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
SELECT * FROM events
WHERE eventsource = 'cloudtrail.amazonaws.com' AND call IN ('CreateTrail',
  'CreateEventDataStore') AND NOT by_service
