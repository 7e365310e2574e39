-- name: everything
-- doc: Every call of a window, or all there are.
-- param: window_start timestamp first instant of the window, or none
-- param: window_end timestamp first instant past the window, or none
SELECT * FROM cloudtrail
WHERE ($window_start IS NULL OR event_timestamp >= $window_start)
    AND ($window_end IS NULL OR event_timestamp < $window_end)
