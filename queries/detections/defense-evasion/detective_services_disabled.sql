-- name: detective_services_disabled
-- title: Macie, Inspector, Detective or Access Analyzer switched off or weakened
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.001
-- why: Exposed data, vulnerable machines or outside access are no longer reported.
-- benign: Costs being cut; a move to another administrator account.
-- check: Was it announced? What would the service have reported?
-- reference: https://docs.aws.amazon.com/macie/latest/user/what-is-macie.html
SELECT * FROM events
WHERE NOT by_service
  AND (eventsource IN ('macie2.amazonaws.com', 'macie.amazonaws.com')
      AND call IN ('DisableMacie', 'UpdateMacieSession', 'ArchiveFindings', 'CreateFindingsFilter',
        'UpdateFindingsFilter', 'DeleteMember',
        'DisassociateMember', 'DisassociateFromMasterAccount', 'DisassociateFromAdministratorAccount',
        'DisableOrganizationAdminAccount',
        'DeleteCustomDataIdentifier', 'UpdateClassificationJob', 'UpdateAutomatedDiscoveryConfiguration')
    OR eventsource = 'inspector2.amazonaws.com'
      AND call IN ('Disable', 'DisableDelegatedAdminAccount', 'DisassociateMember', 'CreateFilter',
        'DeleteCisScanConfiguration')
    OR eventsource = 'detective.amazonaws.com' AND call IN ('DeleteGraph', 'DeleteMembers',
      'DisassociateMembership', 'DisableOrganizationAdminAccount')
    OR eventsource = 'access-analyzer.amazonaws.com' AND call IN ('DeleteAnalyzer', 'CreateArchiveRule',
      'UpdateArchiveRule')
    OR eventsource IN ('securitylake.amazonaws.com', 'auditmanager.amazonaws.com')
      AND call IN ('DeleteDataLake', 'DeleteAwsLogSource', 'DeleteDataLakeOrganizationConfiguration',
        'DeregisterDataLakeDelegatedAdministrator', 'DeregisterAccount'))
