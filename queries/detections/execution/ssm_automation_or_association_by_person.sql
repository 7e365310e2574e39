-- name: ssm_automation_or_association_by_person
-- title: Standing or automated command set up in Systems Manager by a person
-- severity: low
-- via_service: informational
-- tactic: execution
-- technique: T1651, T1546
-- why: Associations and automations run code on instances again and again, or with another role.
-- benign: Operations at work.
-- check: Which document does it run, on which instances, with which role?
-- reference: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateAssociation.html
SELECT * FROM events
WHERE eventsource = 'ssm.amazonaws.com' AND NOT by_service AND (useridentity.type IN ('IAMUser',
  'FederatedUser', 'IdentityCenterUser')
    OR contains(coalesce(useridentity.arn, ''), ':assumed-role/AWSReservedSSO_'))
  AND call IN ('CreateAssociation', 'CreateAssociationBatch', 'UpdateAssociation',
    'StartAutomationExecution', 'CreateDocument', 'UpdateDocument',
    'RegisterTaskWithMaintenanceWindow')
