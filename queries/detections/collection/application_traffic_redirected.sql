-- name: application_traffic_redirected
-- title: Path of an application's requests changed by a person
-- severity: low
-- via_service: informational
-- tactic: collection, credential-access
-- technique: T1557
-- why: Code or a rule in front of the application sees every request, with passwords and tokens.
-- benign: Developers working on the application.
-- check: Where do requests go now? What does the new code do with them?
-- reference: https://hackingthe.cloud/aws/post_exploitation/lambda_persistence/
SELECT * FROM events
WHERE NOT by_service AND (useridentity.type IN ('IAMUser', 'FederatedUser', 'IdentityCenterUser')
    OR contains(coalesce(useridentity.arn, ''), ':assumed-role/AWSReservedSSO_'))
  AND (eventsource = 'cloudfront.amazonaws.com' AND call IN ('CreateFunction', 'UpdateFunction',
    'PublishFunction', 'UpdateDistribution')
    OR eventsource = 'elasticloadbalancing.amazonaws.com' AND call IN ('CreateRule', 'ModifyRule',
      'ModifyListener', 'CreateListener')
    OR eventsource = 'apigateway.amazonaws.com' AND call IN ('CreateIntegration', 'UpdateIntegration',
      'PutIntegration', 'CreateRoute', 'DeleteAuthorizer', 'CreateApiKey')
    OR eventsource = 'appsync.amazonaws.com' AND call IN ('UpdateResolver', 'CreateApiKey')
    OR eventsource = 'wafv2.amazonaws.com' AND call IN ('UpdateIPSet', 'UpdateWebACL', 'UpdateRuleGroup'))
