-- name: config_weakened
-- title: AWS Config checks or keeps less
-- severity: medium
-- via_service: low
-- tactic: defense-evasion
-- technique: T1562.001
-- why: Rules and packs that would have reported a bad change are gone.
-- benign: The security team reworking its rules.
-- check: Which rules are gone, and what did they watch?
-- reference: https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteConfigRule.html
SELECT * FROM events
WHERE eventsource = 'config.amazonaws.com' AND NOT by_service
  AND call IN ('DeleteConfigRule', 'DeleteOrganizationConfigRule', 'DeleteConformancePack',
    'DeleteOrganizationConformancePack',
    'DeleteConfigurationAggregator', 'DeleteAggregationAuthorization', 'DeleteRemediationConfiguration',
    'DeleteRetentionConfiguration',
    'DeleteEvaluationResults', 'DeleteResourceConfig')
