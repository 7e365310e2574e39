-- name: account_enumerated
-- title: Many different services asked in minutes
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: discovery
-- technique: T1580, T1526
-- correlate: value_count concat(eventsource, call) >= 20 within 10m by session
-- why: Somebody, or a tool, is taking stock of the account.
-- benign: Posture management and inventory tools; they do it every day with the same role.
-- check: Is it a tool of ours? What did the session do next?
-- reference: https://attack.mitre.org/techniques/T1580/
SELECT * FROM events
WHERE is_read AND NOT by_service AND coalesce(sessioncredentialfromconsole, '') <> 'true' AND actor_type IN ('user', 'role', 'root', 'federated')
  AND (call LIKE 'List%' OR call LIKE 'Describe%' OR call LIKE 'Get%')
  AND NOT contains(coalesce(useridentity.arn, ''), ':assumed-role/AWSServiceRole')
