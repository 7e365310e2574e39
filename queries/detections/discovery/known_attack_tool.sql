-- name: known_attack_tool
-- title: Attack or scanning tool named in the user agent
-- severity: medium
-- denied: medium
-- failed: medium
-- tactic: discovery, initial-access
-- technique: T1580, T1078.004
-- why: These programs test stolen keys or map an account; nobody else has a use for them.
-- benign: The company's own security team or its auditors.
-- check: Was a test announced? If not, the credentials are known to somebody else.
-- reference: https://hackingthe.cloud/aws/avoiding-detection/guardduty-pentest/
SELECT * FROM events
WHERE regexp_like(coalesce(useragent, ''),
    '(?i)(^|[^a-z])(pacu|cloudfox|scoutsuite|prowler|cloudsploit|cloudmapper|weirdaal|enumerate-iam|s3scanner|nessus|cloudbrute|bucket_finder|awsbucketdump|skyark|principalmapper|aws_consoler|cloudgoat|nuclei|sqlmap)([^a-z]|$)|[./ -](kali|parrot|blackarch|pentoo)([0-9.-]|$|[^a-z])')
