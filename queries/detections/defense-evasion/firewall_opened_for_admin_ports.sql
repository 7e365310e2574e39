-- name: firewall_opened_for_admin_ports
-- title: Administration or database port opened to the internet
-- severity: high
-- tactic: defense-evasion, exfiltration, initial-access
-- technique: T1562.007, T1133
-- why: Within minutes robots from all over the world try passwords and known holes on such a port.
-- benign: Test machines; still a bad idea.
-- check: What is behind the port? Who connected since?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.exfiltration.ec2-security-group-open-port-22-ingress/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call IN ('AuthorizeSecurityGroupIngress',
  'ModifySecurityGroupRules') AND opens_to_world(requestparameters)
  AND (regexp_like(requestparameters, '(?i)"ipProtocol":\s*"?-1')
    -- Among a hundred ports and more some are always for administration.
    OR TRY_CAST(coalesce(json_extract_scalar(requestparameters, '$.toPort'),
        json_extract_scalar(requestparameters, '$.ipPermissions.items[0].toPort')) AS bigint)
      - TRY_CAST(coalesce(json_extract_scalar(requestparameters, '$.fromPort'),
        json_extract_scalar(requestparameters, '$.ipPermissions.items[0].fromPort')) AS bigint) >= 100
    OR regexp_like(requestparameters, '(?i)"fromPort":\s*"?(-1|0|1|20|21|22|23|25|111|135|137|139|389|445|512|513|514|873|1433|1434|1521|2049|2375|2376|2379|3306|3389|4333|5432|5439|5500|5601|5900|5984|5985|5986|6379|6443|7001|8086|8888|9042|9200|9300|10250|11211|15672|27017|27018|50000|50070)"?[,}]'))
