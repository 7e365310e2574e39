-- name: baseline
-- doc: Calls of some roles and other callers in a window.
-- param: roles varchar[] ARNs of roles, without path
-- param: callers varchar[] ARNs of other callers
-- param: window_start timestamp first instant of the window
-- param: window_end timestamp first instant past the window
SELECT * FROM cloudtrail
WHERE event_timestamp >= $window_start AND event_timestamp < $window_end
    AND (role_arn(useridentity.sessioncontext.sessionissuer.arn) = ANY($roles)
        OR role_arn(useridentity.arn) = ANY($roles)
        OR useridentity.arn = ANY($callers))
