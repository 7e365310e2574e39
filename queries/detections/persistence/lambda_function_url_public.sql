-- name: lambda_function_url_public
-- title: Lambda function reachable from the internet without sign-in
-- severity: medium
-- tactic: persistence, execution
-- technique: T1648, T1133
-- why: Anyone who finds the address can run the function with its role's rights.
-- benign: Webhooks that check callers themselves.
-- check: Does the function check who calls?
-- reference: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
SELECT * FROM events
WHERE eventsource = 'lambda.amazonaws.com' AND call IN ('CreateFunctionUrlConfig', 'UpdateFunctionUrlConfig')
  AND json_extract_scalar(requestparameters, '$.authType') = 'NONE'
