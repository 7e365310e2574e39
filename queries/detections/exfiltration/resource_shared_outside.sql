-- name: resource_shared_outside
-- title: Resource shared outside the organisation
-- severity: medium
-- via_service: low
-- tactic: exfiltration
-- technique: T1537
-- why: Networks, databases and other things can be handed to strangers' accounts this way.
-- benign: Partners that are meant to have it.
-- check: Whose account is it?
-- reference: https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html
SELECT * FROM events
WHERE eventsource = 'ram.amazonaws.com' AND NOT by_service
  AND call IN ('CreateResourceShare', 'UpdateResourceShare', 'AssociateResourceShare')
  AND (json_extract_scalar(requestparameters, '$.allowExternalPrincipals') = 'true'
    OR call = 'AssociateResourceShare' AND regexp_like(requestparameters, '"principals":\s*\["[0-9]{12}"'))
