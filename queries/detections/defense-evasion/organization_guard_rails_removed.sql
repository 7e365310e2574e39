-- name: organization_guard_rails_removed
-- title: Guard rails of the organisation removed or loosened
-- severity: high
-- denied: medium
-- via_service: low
-- tactic: defense-evasion, privilege-escalation
-- technique: T1666, T1562.001
-- why: Service control policies are what even administrators of member accounts cannot get around.
-- benign: The platform team reworking policies.
-- check: Which accounts are affected, and what are they allowed now?
-- reference: https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html
SELECT * FROM events
WHERE eventsource = 'organizations.amazonaws.com' AND NOT by_service
  AND call IN ('DetachPolicy', 'DeletePolicy', 'DisablePolicyType', 'DisableAWSServiceAccess',
    'DeregisterDelegatedAdministrator', 'DeleteResourcePolicy')
