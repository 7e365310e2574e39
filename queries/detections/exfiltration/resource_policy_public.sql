-- name: resource_policy_public
-- title: Resource opened to everyone by its policy
-- severity: high
-- tactic: exfiltration, persistence
-- technique: T1537, T1530
-- why: Anyone with an AWS account, or anyone at all, can use or read it.
-- benign: Resources that are public on purpose.
-- check: What is in it? Close it, then see who used it.
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
SELECT * FROM events
WHERE eventsource IN ('sqs.amazonaws.com', 'sns.amazonaws.com', 'ecr.amazonaws.com', 'glacier.amazonaws.com',
  'kms.amazonaws.com', 'secretsmanager.amazonaws.com',
    'es.amazonaws.com', 'elasticfilesystem.amazonaws.com', 'backup.amazonaws.com', 'events.amazonaws.com',
    'logs.amazonaws.com', 'dynamodb.amazonaws.com',
    'kinesis.amazonaws.com', 'ses.amazonaws.com', 'codeartifact.amazonaws.com', 'glue.amazonaws.com',
    'apigateway.amazonaws.com', 'mediastore.amazonaws.com',
    'iot.amazonaws.com', 'acm-pca.amazonaws.com', 'redshift.amazonaws.com', 'opensearch.amazonaws.com',
    'serverlessrepo.amazonaws.com', 's3express.amazonaws.com')
  AND NOT is_read
  AND (allows_anyone(resource_policy(requestparameters))
    OR eventsource = 'events.amazonaws.com' AND call = 'PutPermission'
      AND json_extract_scalar(requestparameters, '$.principal') = '*'
      AND json_extract(requestparameters, '$.condition') IS NULL)
