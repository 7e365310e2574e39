-- name: s3_bucket_made_public
-- title: Bucket opened to everyone
-- severity: high
-- tactic: exfiltration, collection
-- technique: T1530, T1537
-- why: Anyone in the world can read, or even write, what is in the bucket.
-- benign: Websites and public data sets.
-- check: What is in the bucket? Close it, then see who read it.
-- reference: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
SELECT * FROM events
WHERE eventsource = 's3.amazonaws.com'
  AND (call IN ('PutBucketPolicy', 'PutAccessPointPolicy', 'PutMultiRegionAccessPointPolicy')
      AND allows_anyone(coalesce(json_extract(requestparameters, '$.bucketPolicy'), json_extract(requestparameters, '$.policy'),
        json_extract(requestparameters, '$.PutAccessPointPolicyRequest.Policy')))
    OR call IN ('PutBucketAcl', 'CreateBucket')
      AND regexp_like(coalesce(requestparameters, ''), 'acs\.amazonaws\.com/groups/global/(AllUsers|AuthenticatedUsers)|"x-amz-acl":\s*\[?"(public-read|public-read-write|authenticated-read)"|"x-amz-grant-[a-z-]+":\s*[^}]*groups/global/'))
