-- name: scheduled_or_triggered_code_added
-- title: EventBridge rule or schedule that runs something added by a person
-- severity: low
-- via_service: informational
-- tactic: execution
-- technique: T1546
-- why: Events and schedules can run an attacker's code again and again.
-- benign: Developers building automation.
-- check: What does the target do, and with which role?
-- reference: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
SELECT * FROM events
WHERE eventsource IN ('events.amazonaws.com', 'scheduler.amazonaws.com') AND NOT by_service
  AND call IN ('PutTargets', 'CreateSchedule', 'UpdateSchedule') AND (useridentity.type IN ('IAMUser',
    'FederatedUser', 'IdentityCenterUser')
    OR contains(coalesce(useridentity.arn, ''), ':assumed-role/AWSReservedSSO_'))
