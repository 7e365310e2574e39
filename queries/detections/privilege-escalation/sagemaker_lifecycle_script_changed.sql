-- name: sagemaker_lifecycle_script_changed
-- title: Start-up script of SageMaker notebooks changed
-- severity: medium
-- via_service: low
-- tactic: privilege-escalation, execution
-- technique: T1059.009, T1548
-- why: At its next start the notebook runs the script as root, with its role.
-- benign: Data platform teams installing packages.
-- check: What does the script do? Which notebooks use it?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.execution.sagemaker-update-lifecycle-config/
SELECT * FROM events
WHERE eventsource = 'sagemaker.amazonaws.com' AND NOT by_service
  AND call IN ('UpdateNotebookInstanceLifecycleConfig', 'CreateNotebookInstanceLifecycleConfig',
    'CreateStudioLifecycleConfig')
