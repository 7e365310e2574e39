-- name: calls_denied_in_a_row
-- title: Many different forbidden calls in minutes
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: discovery
-- technique: T1580, T1069.003
-- correlate: value_count concat(eventsource, call) >= 8 within 10m by session
-- why: Somebody is trying what these credentials may do.
-- benign: A new application whose role lacks rights; it fails at few different calls.
-- check: Whose credentials are they? Did some calls succeed?
-- reference: https://attack.mitre.org/techniques/T1580/
SELECT * FROM events
WHERE outcome = 'denied' AND NOT by_service AND coalesce(sessioncredentialfromconsole, '') <> 'true'
