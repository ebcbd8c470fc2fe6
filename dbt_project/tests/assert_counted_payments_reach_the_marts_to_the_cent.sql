-- Guards: BPR02 = sum of claims - PLB + unexplained = sum of events + unexplained, for every counted payment,
-- from the raw rows to fct_remit_events. A person may release a payment that does not balance: its gap is
-- listed in unexplained_amount and is the only difference allowed.
with counted as (
    select * from {{ ref('fct_remittance_reconciliation') }}
    where payment_state = 'counted'
),

events as (
    select
        payment_key,
        sum(cash_amount) as cash_amount
    from {{ ref('fct_remit_events') }}
    group by payment_key
)

select
    counted.payment_key,
    counted.payment_amount,
    events.cash_amount,
    counted.unexplained_amount
from counted
left join events on counted.payment_key = events.payment_key
where
    counted.event_difference_cents <> 0
    or coalesce(events.cash_amount, 0) <> counted.claim_paid_amount - counted.provider_adjustment_amount
    or counted.payment_amount - coalesce(events.cash_amount, 0) <> counted.unexplained_amount
