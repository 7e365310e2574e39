-- name: ecs_command_run
-- title: Command run inside a container
-- severity: medium
-- via_service: low
-- tactic: execution, lateral-movement
-- technique: T1609
-- why: ECS Exec is a shell in the running container, with the task's role.
-- benign: Developers looking for an error.
-- check: Which container, and what was its role used for afterwards?
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
SELECT * FROM events
WHERE eventsource = 'ecs.amazonaws.com' AND call = 'ExecuteCommand' AND NOT by_service
