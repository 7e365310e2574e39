-- name: ecr_scanning_disabled
-- title: Scanning or tag protection of container images switched off
-- severity: low
-- via_service: informational
-- tactic: defense-evasion
-- technique: T1562.001, T1525
-- why: Images with holes or planted code are no longer noticed.
-- benign: Another scanner taking over.
-- check: Who pushed images afterwards?
-- reference: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageScanningConfiguration.html
SELECT * FROM events
WHERE eventsource = 'ecr.amazonaws.com' AND NOT by_service
  AND (call = 'PutImageScanningConfiguration' AND regexp_like(requestparameters, '"scanOnPush":\s*false')
    OR call = 'PutImageTagMutability'
      AND json_extract_scalar(requestparameters, '$.imageTagMutability') = 'MUTABLE')
