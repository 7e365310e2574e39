-- name: regions_enumerated
-- title: The same question asked in many regions
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: discovery
-- technique: T1580, T1535
-- correlate: value_count awsregion >= 6 within 10m by session, call
-- why: Somebody looks where there is something to take, or a quiet corner to work in.
-- benign: Posture management and inventory tools.
-- check: Is it a tool of ours?
-- reference: https://attack.mitre.org/techniques/T1535/
SELECT * FROM events
WHERE is_read AND NOT by_service AND coalesce(sessioncredentialfromconsole, '') <> 'true' AND actor_type IN ('user', 'role', 'root', 'federated')
  AND (call LIKE 'List%' OR call LIKE 'Describe%' OR call LIKE 'Get%')
