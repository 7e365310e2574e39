-- name: firewall_opened_to_world
-- title: Port opened to the internet
-- severity: medium
-- tactic: defense-evasion, exfiltration
-- technique: T1562.007
-- why: Anyone in the world can reach whatever listens there.
-- benign: Public services on unusual ports.
-- check: What is behind the port, and is it meant for everyone?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call IN ('AuthorizeSecurityGroupIngress',
  'ModifySecurityGroupRules') AND opens_to_world(requestparameters)
  -- Any port but 80 and 443; those for administration have a rule of their own.
  AND regexp_like(requestparameters, '(?i)"fromPort":\s*"?([2-9]|[1-79][0-9]|8[1-9]|[1-35-9][0-9][0-9]|4[0-35-9][0-9]|44[0-24-9]|[0-9]{4,5})"?[,}]')
  AND NOT (regexp_like(requestparameters, '(?i)"ipProtocol":\s*"?-1')
    OR regexp_like(requestparameters, '(?i)"fromPort":\s*"?(-1|0|1|20|21|22|23|25|111|135|137|139|389|445|512|513|514|873|1433|1434|1521|2049|2375|2376|2379|3306|3389|4333|5432|5439|5500|5601|5900|5984|5985|5986|6379|6443|7001|8086|8888|9042|9200|9300|10250|11211|15672|27017|27018|50000|50070)"?[,}]'))
