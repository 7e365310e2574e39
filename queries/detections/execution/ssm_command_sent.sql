-- name: ssm_command_sent
-- title: Command run on instances through Systems Manager
-- severity: medium
-- denied: low
-- failed: medium
-- via_service: low
-- tactic: execution, lateral-movement
-- technique: T1651
-- why: Systems Manager runs commands as administrator on every instance it reaches, without a network way in.
-- benign: Operations at work; patching has documents of its own, which are left out here.
-- check: What was the command (Command history, if still there), on which instances, and what did they do next?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.execution.ssm-send-command/
SELECT * FROM events
WHERE eventsource = 'ssm.amazonaws.com' AND call = 'SendCommand' AND NOT by_service
  AND coalesce(json_extract_scalar(requestparameters, '$.documentName'), '') NOT IN ('AWS-UpdateSSMAgent',
    'AWS-RunPatchBaseline',
    'AWS-ConfigureAWSPackage', 'AWS-GatherSoftwareInventory', 'AWS-RefreshAssociation',
    'AmazonCloudWatch-ManageAgent',
    'AWS-RunInspecChecks', 'AmazonInspector2-InvokeInspectorSsmPlugin', 'AWS-FindWindowsUpdates',
    'AWS-InstallWindowsUpdates')
