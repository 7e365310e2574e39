-- name: imdsv1_allowed
-- title: Instance metadata made readable without a token
-- severity: medium
-- tactic: defense-evasion, credential-access
-- technique: T1562.001, T1552.005
-- why: The old metadata service gives the instance's keys to anyone who can make it fetch an address.
-- benign: Old software that does not know the new one.
-- check: Is the instance reachable from the internet?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataOptions.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call IN ('ModifyInstanceMetadataOptions',
  'ModifyInstanceMetadataDefaults')
  AND contains(coalesce(requestparameters, ''), '"optional"')
