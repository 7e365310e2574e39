-- name: buckets_listed_by_instance
-- title: Buckets listed with an EC2 instance's role
-- severity: medium
-- via_service: low
-- tactic: discovery
-- technique: T1619, T1552.005
-- why: A server knows its bucket's name; a thief with the server's keys has to ask.
-- benign: Backup and inventory software on instances.
-- check: Which program did it? From which address?
-- reference: https://hackingthe.cloud/aws/exploitation/ec2-metadata-ssrf/
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call IN ('ListBuckets', 'ListAllMyBuckets') AND NOT by_service
  AND contains(useridentity.principalid, ':i-')
    AND regexp_like(useridentity.principalid, ':i-[0-9a-f]{8,17}$')
