-- name: database_audit_stopped
-- title: Audit or logging of a database or cluster stopped
-- severity: high
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.008
-- why: What is done inside the database or cluster is no longer recorded.
-- benign: Costs being cut.
-- check: Who did it, and what was read afterwards?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StopActivityStream.html
SELECT * FROM events
WHERE eventsource = 'rds.amazonaws.com' AND call IN ('StopActivityStream', 'ModifyActivityStream')
  OR eventsource = 'redshift.amazonaws.com' AND call = 'DisableLogging'
  OR eventsource = 'eks.amazonaws.com' AND call = 'UpdateClusterConfig' AND NOT by_service
    AND regexp_like(coalesce(requestparameters, ''), '"types":\s*\[[^\]]*\],\s*"enabled":\s*false|"enabled":\s*false,\s*"types"')
