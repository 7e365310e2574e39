-- name: federation_token_issued
-- title: Federation token issued to an IAM user
-- severity: medium
-- via_service: low
-- tactic: persistence
-- technique: T1550.001, T1098.001
-- why: The token keeps working for up to 36 hours, even after the user's keys are deleted, and opens the console.
-- benign: Old in-house portals built on it.
-- check: Which rights does the passed policy give? Revoke by denying the user's sessions, not by deleting the key.
-- reference: https://hackingthe.cloud/aws/post_exploitation/survive_access_key_deletion_with_sts_getfederationtoken/
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.sts-federation-token/
SELECT * FROM events
WHERE eventsource = 'sts.amazonaws.com' AND call = 'GetFederationToken' AND NOT by_service
