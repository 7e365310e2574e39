-- name: database_firewall_opened
-- title: Network access to a database or cache widened
-- severity: medium
-- via_service: low
-- tactic: exfiltration, defense-evasion
-- technique: T1562.007
-- why: More hosts can try to get at the data.
-- benign: Administrators at work.
-- check: Which addresses or groups were let in?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AuthorizeDBSecurityGroupIngress.html
SELECT * FROM events
WHERE eventsource IN ('rds.amazonaws.com', 'redshift.amazonaws.com',
  'elasticache.amazonaws.com') AND NOT by_service
  AND call IN ('AuthorizeDBSecurityGroupIngress', 'AuthorizeClusterSecurityGroupIngress',
    'AuthorizeCacheSecurityGroupIngress')
