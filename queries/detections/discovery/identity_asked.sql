-- name: identity_asked
-- title: Caller asked who it is
-- severity: informational
-- via_tool: informational
-- via_service: informational
-- tactic: discovery
-- technique: T1087.004
-- why: The first call of nearly everyone who holds stolen keys, and of many tools.
-- benign: Command line tools and pipelines do it all the time.
-- check: What came next?
-- reference: https://hackingthe.cloud/aws/enumeration/whoami/
SELECT * FROM events
WHERE eventsource = 'sts.amazonaws.com' AND call = 'GetCallerIdentity' AND NOT by_service
  AND coalesce(sessioncredentialfromconsole, '') <> 'true'
