-- name: assume_root
-- title: Root session taken in a member account
-- severity: high
-- denied: medium
-- tactic: privilege-escalation, lateral-movement
-- technique: T1548.005, T1078.004
-- why: AssumeRoot gives a short session with root powers in any account of the organisation.
-- benign: Central root management unlocking a bucket or queue policy, or removing root credentials.
-- check: Which task policy was asked for, and who in the management account asked?
-- reference: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
SELECT * FROM events
WHERE eventsource = 'sts.amazonaws.com' AND call = 'AssumeRoot'
