-- name: ebs_encryption_default_off
-- title: Default encryption of EBS volumes switched off
-- severity: medium
-- tactic: defense-evasion, impact
-- technique: T1562.001, T1486
-- why: New disks are no longer encrypted, so that their snapshots can be shared and read by anyone.
-- benign: Trouble with images that cannot be encrypted.
-- check: Who did it, and were snapshots shared afterwards?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableEbsEncryptionByDefault.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call = 'DisableEbsEncryptionByDefault'
