-- name: securityhub_findings_hidden
-- title: Security Hub findings changed or hidden
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.001, T1070
-- why: A finding that is archived, suppressed or no longer grouped is one nobody looks at.
-- benign: Analysts at work.
-- check: Which findings, and did an analyst do it?
-- reference: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html
SELECT * FROM events
WHERE eventsource = 'securityhub.amazonaws.com' AND NOT by_service
  AND (call IN ('UpdateFindings', 'DeleteInsight', 'UpdateInsight', 'DeleteActionTarget',
    'DeleteFindingAggregator')
    OR call IN ('BatchUpdateFindings', 'BatchUpdateFindingsV2', 'CreateAutomationRule',
      'BatchUpdateAutomationRules', 'UpdateStandardsControl')
      AND regexp_like(coalesce(requestparameters, ''), 'SUPPRESSED|DISABLED'))
