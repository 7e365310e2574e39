-- name: ssm_document_shared
-- title: Systems Manager document shared or opened to all
-- severity: medium
-- tactic: execution, exfiltration
-- technique: T1651, T1537
-- why: Documents hold scripts, at times with passwords; shared ones can be read or run by others.
-- benign: Documents shared inside the organisation.
-- check: With whom? What is in it?
-- reference: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ModifyDocumentPermission.html
SELECT * FROM events
WHERE eventsource = 'ssm.amazonaws.com' AND call = 'ModifyDocumentPermission'
  AND json_extract(requestparameters, '$.accountIdsToAdd[0]') IS NOT NULL
