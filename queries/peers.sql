-- name: peers
-- doc: Calls of an account's other roles in a window.
-- param: roles varchar[] ARNs of roles that are none of these, without path
-- param: accounts varchar[] the accounts
-- param: window_start timestamp first instant of the window
-- param: window_end timestamp first instant past the window
SELECT * FROM cloudtrail
WHERE event_timestamp >= $window_start AND event_timestamp < $window_end
    AND useridentity.type = 'AssumedRole' AND useridentity.accountid = ANY($accounts)
    AND NOT coalesce(role_arn(useridentity.arn) = ANY($roles), false)
