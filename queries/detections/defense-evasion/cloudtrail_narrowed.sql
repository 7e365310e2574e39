-- name: cloudtrail_narrowed
-- title: CloudTrail records less than before
-- severity: high
-- denied: medium
-- tactic: defense-evasion
-- technique: T1562.008
-- why: Management events, other regions or the proof that files are unchanged are left out from now on.
-- benign: Costs of data events being cut; another trail records the rest.
-- check: What is no longer recorded? Does another trail record it?
-- reference: https://stratus-red-team.cloud/attack-techniques/AWS/aws.defense-evasion.cloudtrail-event-selectors/
SELECT * FROM events
WHERE eventsource = 'cloudtrail.amazonaws.com'
  AND (call = 'PutEventSelectors'
      AND (regexp_like(requestparameters, '"includeManagementEvents":\s*false|"readWriteType":\s*"(ReadOnly|WriteOnly)"')
        OR (json_extract(requestparameters, '$.advancedEventSelectors[0]') IS NOT NULL
          AND NOT contains(requestparameters, '"Management"')))
    OR call = 'UpdateTrail'
      AND (json_extract_scalar(requestparameters, '$.isMultiRegionTrail') = 'false'
        OR json_extract_scalar(requestparameters, '$.includeGlobalServiceEvents') = 'false'
        OR json_extract_scalar(requestparameters, '$.enableLogFileValidation') = 'false'
        OR json_extract_scalar(requestparameters, '$.isOrganizationTrail') = 'false'))
