-- name: leaked_key_tested
-- title: Key tested with a secret-hunting tool
-- severity: medium
-- tactic: discovery, credential-access
-- technique: T1087.004, T1552.001
-- why: A program that looks for leaked secrets found this key somewhere and tried it: others can find it too.
-- benign: The company's own scan of its code.
-- check: Was it our scan? In any case: where did the key lie? Replace it.
-- reference: https://hackingthe.cloud/aws/enumeration/whoami/
SELECT * FROM events
WHERE eventsource = 'sts.amazonaws.com' AND call = 'GetCallerIdentity'
  AND regexp_like(coalesce(useragent, ''), '(?i)trufflehog|gitleaks|keyhacks|shhgit|gitrob|noseyparker|detect-secrets|ggshield')
