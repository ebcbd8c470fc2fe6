-- Guards: per counted payment, the ledger = all PLB pairs = claims paid - BPR02 (+ what a released payment
-- leaves open), and the open balances of the ledger are those of fct_provider_balances.
with counted as (
    select * from {{ ref('fct_remittance_reconciliation') }}
    where payment_state = 'counted'
),

ledger as (
    select
        payment_key,
        sum(provider_adjustment_amount) as provider_adjustment_amount
    from {{ ref('fct_provider_ledger') }}
    group by payment_key
),

carried as (
    select coalesce(sum(carried_amount), 0) as carried_amount from {{ ref('fct_provider_ledger') }}
),

balances as (
    select coalesce(sum(open_balance_amount), 0) as open_balance_amount
    from {{ ref('fct_provider_balances') }}
)

select coalesce(counted.payment_key, ledger.payment_key) as payment_key
from counted
full outer join ledger on counted.payment_key = ledger.payment_key
where
    counted.payment_key is null
    or coalesce(ledger.provider_adjustment_amount, 0) <> counted.provider_adjustment_amount
    or coalesce(ledger.provider_adjustment_amount, 0)
    <> counted.claim_paid_amount - counted.payment_amount + counted.unexplained_amount
union all
select 'balances' as payment_key
from carried
cross join balances
where carried.carried_amount <> balances.open_balance_amount
