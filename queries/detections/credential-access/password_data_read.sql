-- name: password_data_read
-- title: Administrator's password of a Windows instance fetched
-- severity: medium
-- denied: medium
-- failed: low
-- via_service: low
-- tactic: credential-access
-- technique: T1552
-- why: With the key pair it gives the local administrator's password.
-- benign: Administrators after a first start; some monitoring vendors.
-- check: Who holds the key pair? Who signed in to the instance afterwards?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.credential-access.ec2-get-password-data/
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call = 'GetPasswordData' AND NOT by_service
