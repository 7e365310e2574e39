-- name: eventbridge_rule_disabled
-- title: EventBridge rule disabled, emptied or deleted
-- severity: medium
-- via_service: low
-- tactic: defense-evasion, impact
-- technique: T1562.001, T1489
-- why: Alarms and automatic responses hang on such rules.
-- benign: Applications being dismantled or deployed.
-- check: What did the rule start?
-- reference: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html
SELECT * FROM events
WHERE eventsource = 'events.amazonaws.com' AND NOT by_service
  AND call IN ('DisableRule', 'DeleteRule', 'RemoveTargets', 'DeleteEventBus', 'DeleteArchive')
