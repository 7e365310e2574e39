-- name: signin_token_fetched
-- title: Console session made from API credentials
-- severity: medium
-- tactic: initial-access, lateral-movement
-- technique: T1550.001, T1078.004
-- why: Somebody turned access keys into a browser session; attackers do this to look like an administrator at work.
-- benign: In-house single sign-on portals and tools that open the console for developers.
-- check: Whose credentials were they, and does that principal normally use the console?
-- reference: https://hackingthe.cloud/aws/post_exploitation/create_a_console_session_from_iam_credentials/
SELECT * FROM events
WHERE call = 'GetSigninToken' AND eventsource = 'signin.amazonaws.com'
  AND coalesce(useragent, '') NOT LIKE 'Jersey/%'
    AND NOT contains(coalesce(useridentity.arn, ''), ':assumed-role/AWSReservedSSO_')
