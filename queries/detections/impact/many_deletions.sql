-- name: many_deletions
-- title: Many resources deleted in minutes
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: impact
-- technique: T1485
-- correlate: event_count >= 15 within 10m by session
-- why: Somebody is taking the account apart.
-- benign: Environments being dismantled by script; infrastructure as code and services are left out.
-- check: Was it announced? Stop the credentials first, then ask.
-- reference: https://attack.mitre.org/techniques/T1485/
SELECT * FROM events
WHERE (call LIKE 'Delete%' OR call LIKE 'Terminate%' OR call LIKE 'Deregister%') AND NOT by_service
  AND coalesce(sessioncredentialfromconsole, '') <> 'true'
  AND coalesce(managementevent, 'true') <> 'false' AND call NOT IN ('DeleteObject', 'DeleteObjects',
    'DeleteTags', 'DeleteMessage')
