-- name: domain_moved
-- title: Internet domain transferred or unlocked
-- severity: high
-- denied: medium
-- tactic: impact, persistence
-- technique: T1584.001, T1657
-- why: Whoever has the domain receives its mail and visitors.
-- benign: A planned move of domains.
-- check: Was it announced? Stop the transfer.
-- reference: https://docs.aws.amazon.com/Route53/latest/APIReference/API_domains_TransferDomainToAnotherAwsAccount.html
SELECT * FROM events
WHERE eventsource = 'route53domains.amazonaws.com'
  AND call IN ('TransferDomainToAnotherAwsAccount', 'AcceptDomainTransferFromAnotherAwsAccount',
    'DisableDomainTransferLock', 'RetrieveDomainAuthCode', 'UpdateDomainNameservers',
    'DeleteDomain', 'DisableDomainAutoRenew')
