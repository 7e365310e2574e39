-- name: role_passed_to_development_tool
-- title: Development tool with a role created by a person
-- severity: medium
-- via_service: low
-- tactic: privilege-escalation, execution
-- technique: T1548, T1648
-- why: Notebooks, dev endpoints, pipelines and the like run any code with the role they got: a known way to more rights.
-- benign: Data scientists and developers at work.
-- check: May the role do more than the one who passed it? Who used the tool then?
-- reference: https://hackingthe.cloud/aws/exploitation/iam_privilege_escalation/
SELECT * FROM events
WHERE (eventsource = 'glue.amazonaws.com' AND call IN ('CreateDevEndpoint', 'UpdateDevEndpoint')
  OR eventsource = 'datapipeline.amazonaws.com' AND call IN ('CreatePipeline', 'PutPipelineDefinition')
  OR eventsource = 'sagemaker.amazonaws.com' AND call IN ('CreateNotebookInstance',
    'CreatePresignedNotebookInstanceUrl')
  OR eventsource = 'codestar.amazonaws.com' AND call = 'CreateProject'
  OR eventsource IN ('apprunner.amazonaws.com', 'cloud9.amazonaws.com') AND call IN ('CreateService',
    'CreateEnvironmentEC2'))
  AND NOT by_service
