-- name: lambda_changed
-- title: Code, settings or triggers of a Lambda function changed
-- severity: low
-- via_service: informational
-- tactic: execution
-- technique: T1648
-- why: Functions run with rights of their own; a change is a way to use them.
-- benign: Every deployment.
-- check: Was it the pipeline?
-- reference: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
SELECT * FROM events
WHERE eventsource = 'lambda.amazonaws.com' AND NOT by_service
  AND call IN ('UpdateFunctionCode', 'UpdateFunctionConfiguration', 'PublishLayerVersion',
    'CreateEventSourceMapping', 'UpdateEventSourceMapping')
