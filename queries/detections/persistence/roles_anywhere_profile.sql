-- name: roles_anywhere_profile
-- title: IAM Roles Anywhere profile created or changed
-- severity: medium
-- tactic: persistence
-- technique: T1098.003
-- why: The profile says which roles holders of a certificate may take.
-- benign: The set-up of Roles Anywhere for servers outside AWS.
-- check: Which roles are in it?
-- reference: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/introduction.html
SELECT * FROM events
WHERE eventsource = 'rolesanywhere.amazonaws.com' AND call IN ('CreateProfile', 'UpdateProfile',
  'EnableProfile', 'DisableCrl', 'DeleteCrl')
