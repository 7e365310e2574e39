-- name: s3_ransom_note
-- title: Ransom note put into a bucket
-- severity: high
-- denied: low
-- via_service: low
-- tactic: impact
-- technique: T1486, T1485
-- why: The name of the new file is that of a note attackers leave behind.
-- benign: Documents that happen to be called so.
-- check: Read the file. Are other objects gone?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.impact.s3-ransomware-batch-deletion/
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com' AND call = 'PutObject' AND NOT by_service
  AND regexp_like(coalesce(json_extract_scalar(requestparameters, '$.key'), ''),
    '(?i)(^|/)[^/]*(ransom|decrypt|how[ _-]?to[ _-]?(recover|restore|get)|(your|all|files?|data)[ _-]?(files?[ _-]?)?(have[ _-]?been[ _-]?|are[ _-]?|were[ _-]?)?(deleted|encrypted|locked|stolen)|recover[ _-]?(your[ _-]?)?(files|data)|pay[ _-]?(us|bitcoin|btc))[^/]*\.(txt|html?|md|readme)$')
