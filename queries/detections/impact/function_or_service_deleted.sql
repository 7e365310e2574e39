-- name: function_or_service_deleted
-- title: Bucket, function, service, cluster or API deleted
-- severity: low
-- via_service: informational
-- tactic: impact
-- technique: T1489, T1485
-- why: The application stands still.
-- benign: Clean-up; deployments.
-- check: Was it announced?
-- reference: https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
SELECT * FROM events
WHERE eventsource IN ('s3.amazonaws.com', 'lambda.amazonaws.com', 'ecs.amazonaws.com', 'eks.amazonaws.com',
  'apigateway.amazonaws.com', 'elasticloadbalancing.amazonaws.com', 'ecr.amazonaws.com',
  'cloudformation.amazonaws.com')
  AND NOT by_service
  AND call IN ('DeleteBucket', 'DeleteFunction', 'DeleteService', 'DeleteCluster', 'DeleteRestApi',
    'DeleteApi', 'DeleteLoadBalancer', 'DeleteRepository', 'BatchDeleteImage', 'DeleteStack',
    'DeleteNodegroup',
    'PutFunctionConcurrency')
