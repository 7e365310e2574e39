-- name: queue_purged
-- title: Message queue emptied
-- severity: medium
-- via_service: low
-- tactic: defense-evasion, impact
-- technique: T1070, T1485
-- why: Messages, among them alarms and orders, are lost.
-- benign: Developers cleaning a test queue.
-- check: What was in the queue?
-- reference: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
SELECT * FROM events
WHERE eventsource = 'sqs.amazonaws.com' AND call = 'PurgeQueue' AND NOT by_service
