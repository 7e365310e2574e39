-- name: key_pair_added
-- title: SSH key pair created or imported
-- severity: medium
-- via_tool: low
-- via_service: low
-- tactic: persistence, credential-access
-- technique: T1098.004
-- why: New instances can be started with a key that only the attacker has.
-- benign: Developers and pipelines bringing their own key.
-- check: Which instances use the key?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.ec2-create-suspicious-keypair/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND NOT by_service AND call IN ('ImportKeyPair', 'CreateKeyPair')
  AND (call = 'ImportKeyPair' OR coalesce(sessioncredentialfromconsole, '') <> 'true')
