-- name: iam_enumerated
-- title: Users, roles and policies listed in a row
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: discovery
-- technique: T1087.004, T1069.003
-- correlate: value_count call >= 5 within 10m by session
-- why: Somebody is finding out who may do what.
-- benign: Posture management, inventory and incident response tools.
-- check: Is it a tool of ours? What did the session do next?
-- reference: https://attack.mitre.org/techniques/T1087/004/
SELECT * FROM events
WHERE eventsource = 'iam.amazonaws.com' AND is_read AND NOT by_service
  AND coalesce(sessioncredentialfromconsole, '') <> 'true'
  AND (call LIKE 'List%' OR call IN ('GetAccountAuthorizationDetails', 'GetAccountSummary',
    'GetAccountPasswordPolicy', 'GetCredentialReport', 'GenerateCredentialReport'))
