-- name: codebuild_made_public
-- title: Build project opened to everyone
-- severity: high
-- tactic: exfiltration
-- technique: T1530, T1567
-- why: Anyone can read the builds' logs and results, with whatever secrets they hold.
-- benign: Open-source projects.
-- check: Do logs or results hold secrets?
-- reference: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_UpdateProjectVisibility.html
SELECT * FROM events
WHERE eventsource = 'codebuild.amazonaws.com' AND call = 'UpdateProjectVisibility'
  AND json_extract_scalar(requestparameters, '$.projectVisibility') = 'PUBLIC_READ'
