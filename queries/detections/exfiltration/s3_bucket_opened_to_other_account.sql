-- name: s3_bucket_opened_to_other_account
-- title: Bucket opened to another account
-- severity: high
-- tactic: exfiltration, persistence
-- technique: T1537, T1530
-- why: Another account can read or write the bucket, for as long as the policy stands.
-- benign: Accounts of the same organisation; vendors that deliver or fetch data; the account of AWS that writes load balancers' logs.
-- check: Whose account is it?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.exfiltration.s3-backdoor-bucket-policy/
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('PutBucketPolicy', 'PutAccessPointPolicy')
  AND allows_other_account(coalesce(json_extract(requestparameters, '$.bucketPolicy'), json_extract(requestparameters, '$.policy'),
    json_extract(requestparameters, '$.PutAccessPointPolicyRequest.Policy')), account)
  AND NOT allows_anyone(coalesce(json_extract(requestparameters, '$.bucketPolicy'), json_extract(requestparameters, '$.policy'),
    json_extract(requestparameters, '$.PutAccessPointPolicyRequest.Policy')))
