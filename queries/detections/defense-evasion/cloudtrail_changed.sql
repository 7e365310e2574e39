-- name: cloudtrail_changed
-- title: CloudTrail trail or what it records changed
-- severity: medium
-- tactic: defense-evasion
-- technique: T1562.008
-- why: A trail that writes to another bucket or with another key, or records less, may be out of the defenders' reach.
-- benign: The platform team working on logging.
-- check: Bucket, key and log group: are they still ours?
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html
SELECT * FROM events
WHERE eventsource = 'cloudtrail.amazonaws.com' AND call IN ('UpdateTrail', 'PutEventSelectors',
  'PutInsightSelectors', 'UpdateEventDataStore', 'DeregisterOrganizationDelegatedAdmin')
  -- What is certainly less has a rule of its own.
  AND NOT coalesce((call = 'PutEventSelectors'
      AND (regexp_like(requestparameters, '"includeManagementEvents":\s*false|"readWriteType":\s*"(ReadOnly|WriteOnly)"')
        OR (json_extract(requestparameters, '$.advancedEventSelectors[0]') IS NOT NULL
          AND NOT contains(requestparameters, '"Management"')))
    OR call = 'UpdateTrail'
      AND (json_extract_scalar(requestparameters, '$.isMultiRegionTrail') = 'false'
        OR json_extract_scalar(requestparameters, '$.includeGlobalServiceEvents') = 'false'
        OR json_extract_scalar(requestparameters, '$.enableLogFileValidation') = 'false'
        OR json_extract_scalar(requestparameters, '$.isOrganizationTrail') = 'false')), false)
