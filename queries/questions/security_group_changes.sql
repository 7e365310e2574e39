-- name: security_group_changes
-- doc: Changes of security groups and network ACLs, and those that open something to the world.
-- param: since timestamp? first instant
-- param: until timestamp? first instant past it
SELECT
  eventtime,
  eventname,
  useridentity.arn AS changed_by,
  json_extract_scalar(requestparameters, '$.groupId') AS security_group,
  requestparameters LIKE '%0.0.0.0/0%' OR requestparameters LIKE '%::/0%' AS names_the_world,
  errorcode,
  sourceipaddress,
  awsregion,
  recipientaccountid,
  eventid
FROM cloudtrail
WHERE eventsource = 'ec2.amazonaws.com'
  AND regexp_like(eventname, 'SecurityGroup(Rule|Ingress|Egress|)|NetworkAcl')
  AND NOT regexp_like(eventname, '^(Describe|Get)')
  AND ($since IS NULL OR from_iso8601_timestamp(eventtime) >= $since)
  AND ($until IS NULL OR from_iso8601_timestamp(eventtime) < $until)
ORDER BY eventtime
