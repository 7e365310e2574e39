-- name: ecs_task_definition_reads_credentials
-- title: Container definition that fetches credentials
-- severity: high
-- tactic: execution, credential-access
-- technique: T1525, T1552.005
-- why: The container's command asks the metadata service for the role's keys, or fetches and runs something from the net.
-- benign: Images that fetch their settings with a shell one-liner.
-- check: Who registered it? Where does the command send what it gets?
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
SELECT * FROM events
WHERE eventsource = 'ecs.amazonaws.com' AND call IN ('RegisterTaskDefinition', 'RunTask')
  AND regexp_like(coalesce(requestparameters, ''),
    '(169\.254\.170\.2|169\.254\.169\.254|AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)|(curl|wget)[^"]*\|\s*(ba)?sh|base64 (-d|--decode)[^"]*\|\s*(ba)?sh|/dev/tcp/')
