-- name: role_passed_to_job_by_person
-- title: Function, job, build or stack with a role created by a person
-- severity: low
-- via_service: informational
-- tactic: privilege-escalation, execution
-- technique: T1548, T1648
-- why: What runs there acts with the role it was given, which may do more than the one who started it.
-- benign: Developers at work; deployments by hand.
-- check: Which role, and may it do more than the one who passed it?
-- reference: https://hackingthe.cloud/aws/exploitation/iam_privilege_escalation/
SELECT * FROM events
WHERE (eventsource = 'glue.amazonaws.com' AND call IN ('CreateJob', 'UpdateJob', 'CreateSession')
  OR eventsource = 'codebuild.amazonaws.com' AND call IN ('CreateProject', 'UpdateProject', 'StartBuild')
  OR eventsource = 'cloudformation.amazonaws.com' AND call IN ('CreateStack', 'UpdateStack', 'CreateStackSet')
    AND json_extract_scalar(requestparameters, '$.roleARN') IS NOT NULL
  OR eventsource = 'sagemaker.amazonaws.com' AND call IN ('CreateTrainingJob', 'CreateProcessingJob')
  OR eventsource = 'states.amazonaws.com' AND call IN ('CreateStateMachine', 'UpdateStateMachine')
  OR eventsource = 'lambda.amazonaws.com' AND call = 'CreateFunction'
  OR eventsource = 'ecs.amazonaws.com' AND call = 'RegisterTaskDefinition'
  OR eventsource = 'batch.amazonaws.com' AND call IN ('RegisterJobDefinition', 'SubmitJob')
  OR eventsource = 'bedrock-agentcore.amazonaws.com' AND call = 'CreateCodeInterpreter')
  AND NOT by_service AND (useridentity.type IN ('IAMUser', 'FederatedUser', 'IdentityCenterUser')
    OR contains(coalesce(useridentity.arn, ''), ':assumed-role/AWSReservedSSO_'))
