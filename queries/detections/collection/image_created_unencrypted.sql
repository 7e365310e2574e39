-- name: image_created_unencrypted
-- title: Machine image made from an unencrypted disk
-- severity: medium
-- via_service: low
-- tactic: collection, exfiltration
-- technique: T1578.001, T1530
-- why: The copy of the disk lies there in the clear and can be shared.
-- benign: Image pipelines of accounts that do not encrypt.
-- check: What is on the disk? Was the image shared?
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
SELECT * FROM events
WHERE eventsource = 'ec2.amazonaws.com' AND call = 'CreateImage' AND NOT by_service
  AND regexp_like(json_extract(requestparameters, '$.blockDeviceMapping'), '"encrypted":\s*false')
