-- name: eks_access_granted
-- title: Access to a Kubernetes cluster granted
-- severity: medium
-- via_service: low
-- tactic: persistence
-- technique: T1098.006, T1098.003
-- why: A principal got rights inside the cluster, perhaps all of them.
-- benign: A new team or pipeline being let in.
-- check: Which policy and which scope? Who asked?
-- reference: https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
SELECT * FROM events
WHERE eventsource = 'eks.amazonaws.com' AND NOT by_service
  AND call IN ('CreateAccessEntry', 'UpdateAccessEntry', 'AssociateAccessPolicy',
    'AssociateIdentityProviderConfig', 'CreatePodIdentityAssociation')
