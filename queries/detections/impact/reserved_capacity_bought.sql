-- name: reserved_capacity_bought
-- title: Expensive commitment bought
-- severity: medium
-- via_service: low
-- tactic: impact
-- technique: T1496, T1657
-- why: Reservations and plans bind the company for years and cannot be given back.
-- benign: Finance at work.
-- check: Was it announced? Call AWS support at once if not.
-- reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PurchaseReservedInstancesOffering.html
SELECT * FROM events
WHERE NOT by_service AND call IN ('PurchaseReservedInstancesOffering', 'CreateSavingsPlan',
  'PurchaseHostReservation', 'PurchaseReservedDBInstancesOffering',
    'PurchaseReservedNodeOffering', 'PurchaseReservedCacheNodesOffering', 'PurchaseCapacityBlock',
    'PurchaseReservedElasticsearchInstanceOffering')
