-- name: certificate_exported
-- title: Certificate with its private key exported
-- severity: medium
-- via_service: low
-- tactic: credential-access, exfiltration
-- technique: T1552.004, T1649
-- why: With the private key anyone can pose as the website.
-- benign: Servers outside AWS being equipped.
-- check: Where did the key go?
-- reference: https://docs.aws.amazon.com/acm/latest/APIReference/API_ExportCertificate.html
SELECT * FROM events
WHERE eventsource = 'acm.amazonaws.com' AND call = 'ExportCertificate' AND NOT by_service
