-- name: defences_enumerated
-- title: Security settings looked at in a row
-- severity: medium
-- denied: medium
-- failed: medium
-- via_tool: low
-- via_service: low
-- tactic: discovery
-- technique: T1518.001, T1526
-- correlate: value_count eventsource >= 3 within 10m by session
-- why: Before going on, somebody checks which cameras are on.
-- benign: Posture management and compliance tools.
-- check: Is it a tool of ours? Was one of the services changed afterwards?
-- reference: https://attack.mitre.org/techniques/T1518/001/
SELECT * FROM events
WHERE (eventsource = 'cloudtrail.amazonaws.com' AND call IN ('DescribeTrails', 'GetTrailStatus',
  'GetEventSelectors', 'ListTrails')
    OR eventsource = 'guardduty.amazonaws.com' AND call IN ('ListDetectors', 'GetDetector', 'ListIPSets',
      'ListFindings', 'GetFindings')
    OR eventsource = 'config.amazonaws.com' AND call IN ('DescribeConfigurationRecorders',
      'DescribeConfigurationRecorderStatus', 'DescribeDeliveryChannels')
    OR eventsource = 'securityhub.amazonaws.com' AND call IN ('DescribeHub', 'GetFindings',
      'GetEnabledStandards')
    OR eventsource = 'macie2.amazonaws.com' AND call = 'GetMacieSession'
    OR eventsource = 'access-analyzer.amazonaws.com' AND call = 'ListAnalyzers'
    OR eventsource = 'ec2.amazonaws.com' AND call = 'DescribeFlowLogs'
    OR eventsource = 'monitoring.amazonaws.com' AND call = 'DescribeAlarms'
    OR eventsource = 'detective.amazonaws.com' AND call = 'ListGraphs'
    OR eventsource = 'inspector2.amazonaws.com' AND call = 'BatchGetAccountStatus')
  AND NOT by_service AND coalesce(sessioncredentialfromconsole, '') <> 'true'
