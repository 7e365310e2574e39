-- name: peers
-- doc: Calls of the roles of some accounts in a window.
-- param: accounts varchar[] the accounts
-- param: window_start timestamp first instant of the window
-- param: window_end timestamp first instant past the window
SELECT * FROM cloudtrail
WHERE event_timestamp >= $window_start AND event_timestamp < $window_end
    AND useridentity.type = 'AssumedRole' AND useridentity.accountid = ANY($accounts)
