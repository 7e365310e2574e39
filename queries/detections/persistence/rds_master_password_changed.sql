-- name: rds_master_password_changed
-- title: Master password of a database changed
-- severity: medium
-- via_service: low
-- tactic: persistence, credential-access
-- technique: T1098, T1555.006
-- why: Whoever set the password can read and change all data.
-- benign: Rotation by hand; a forgotten password.
-- check: Who did it? Did the applications lose their connection?
-- reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
SELECT * FROM events
WHERE eventsource IN ('rds.amazonaws.com', 'redshift.amazonaws.com') AND NOT by_service
  AND call IN ('ModifyDBInstance', 'ModifyDBCluster', 'ModifyCluster')
  AND (json_extract_scalar(requestparameters, '$.masterUserPassword') IS NOT NULL
    OR json_extract_scalar(responseelements, '$.pendingModifiedValues.masterUserPassword') IS NOT NULL
    OR json_extract_scalar(requestparameters, '$.enableIAMDatabaseAuthentication') = 'true')
