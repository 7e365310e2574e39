-- name: instance_profile_changed
-- title: Role of an EC2 instance replaced
-- severity: medium
-- via_tool: low
-- via_service: low
-- tactic: privilege-escalation
-- technique: T1098.003, T1548
-- why: Whoever is on the instance gets the new role's rights.
-- benign: A role being corrected.
-- check: May the new role do more than the old one? Who is logged in on the instance?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceIamInstanceProfileAssociation.html
SELECT * FROM events
WHERE NOT by_service
  AND (eventsource = 'ec2.amazonaws.com' AND call IN ('AssociateIamInstanceProfile',
    'ReplaceIamInstanceProfileAssociation')
    OR eventsource = 'iam.amazonaws.com' AND call = 'AddRoleToInstanceProfile'
      AND coalesce(sessioncredentialfromconsole, '') <> 'true')
