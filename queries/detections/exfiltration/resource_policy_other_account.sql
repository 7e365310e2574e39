-- name: resource_policy_other_account
-- title: Resource opened to another account by its policy
-- severity: medium
-- via_service: low
-- tactic: exfiltration, persistence
-- technique: T1537
-- why: The other account can use or read it for as long as the policy stands.
-- benign: Accounts of the same organisation; vendors.
-- check: Whose account is it?
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-cross-account-resource-access.html
SELECT * FROM events
WHERE eventsource IN ('sqs.amazonaws.com', 'sns.amazonaws.com', 'ecr.amazonaws.com', 'glacier.amazonaws.com',
  'kms.amazonaws.com', 'secretsmanager.amazonaws.com',
    'es.amazonaws.com', 'elasticfilesystem.amazonaws.com', 'backup.amazonaws.com', 'events.amazonaws.com',
    'logs.amazonaws.com', 'dynamodb.amazonaws.com',
    'kinesis.amazonaws.com', 'ses.amazonaws.com', 'codeartifact.amazonaws.com', 'glue.amazonaws.com',
    'acm-pca.amazonaws.com', 'redshift.amazonaws.com')
  AND NOT is_read AND NOT by_service
  AND (allows_other_account(resource_policy(requestparameters), account)
      AND NOT allows_anyone(resource_policy(requestparameters))
    OR eventsource = 'kms.amazonaws.com' AND call = 'CreateGrant'
      AND regexp_like(json_extract_scalar(requestparameters, '$.granteePrincipal'), '^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:')
      AND NOT contains(json_extract_scalar(requestparameters, '$.granteePrincipal'), account)
    OR eventsource IN ('sqs.amazonaws.com', 'sns.amazonaws.com') AND call = 'AddPermission'
      AND regexp_like(requestparameters, '(?i)"aWSAccountIds?":\s*\["(\*|[0-9]{12})"'))
