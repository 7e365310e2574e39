-- name: billing_tampered
-- title: Payment, budget or account closure changed
-- severity: medium
-- via_service: low
-- tactic: impact, defense-evasion
-- technique: T1657, T1496, T1531
-- why: Who hides the costs of a stolen account can use it longer; who closes it destroys it.
-- benign: Finance at work.
-- check: Was it announced? How high is today's cost?
-- reference: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
SELECT * FROM events
WHERE NOT by_service
  AND (eventsource = 'budgets.amazonaws.com' AND call IN ('DeleteBudget', 'DeleteNotification',
    'DeleteSubscriber', 'DeleteBudgetAction')
    OR eventsource = 'ce.amazonaws.com' AND call IN ('DeleteAnomalyMonitor', 'DeleteAnomalySubscription')
    OR eventsource IN ('aws-portal.amazonaws.com', 'billingconsole.amazonaws.com', 'payments.amazonaws.com',
      'billing.amazonaws.com', 'account.amazonaws.com')
      AND call IN ('UpdatePaymentInstrument', 'CreatePaymentInstrument', 'DeletePaymentInstrument',
        'CloseAccount', 'PutContactInformation', 'PutAlternateContact', 'DeleteAlternateContact'))
