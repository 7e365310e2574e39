-- name: securityhub_disabled
-- title: Security Hub switched off or its members removed
-- severity: high
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.001
-- why: Findings of all services no longer arrive where they are looked at.
-- benign: A move to another administrator account.
-- check: Was it announced?
-- reference: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisableSecurityHub.html
SELECT * FROM events
WHERE eventsource = 'securityhub.amazonaws.com' AND NOT by_service
  AND call IN ('DisableSecurityHub', 'DisableSecurityHubV2', 'DeleteMembers', 'DisassociateMembers',
    'DisassociateFromMasterAccount',
    'DisassociateFromAdministratorAccount', 'DisableOrganizationAdminAccount', 'BatchDisableStandards',
    'DisableImportFindingsForProduct')
