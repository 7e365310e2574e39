-- name: load_balancer_logging_off
-- title: Access logs or deletion protection of a load balancer switched off
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.008
-- why: Requests to the application leave no trace, or the load balancer can be deleted.
-- benign: Costs being cut; a clean-up.
-- check: Is there another log of the requests?
-- reference: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyLoadBalancerAttributes.html
SELECT * FROM events
WHERE eventsource = 'elasticloadbalancing.amazonaws.com' AND call = 'ModifyLoadBalancerAttributes'
  AND NOT by_service
  AND regexp_like(coalesce(requestparameters, ''), '"key":\s*"(access_logs.s3.enabled|deletion_protection.enabled)",\s*"value":\s*"false"|"value":\s*"false",\s*"key":\s*"(access_logs.s3.enabled|deletion_protection.enabled)"|"accessLog":\s*\{"enabled":\s*false')
