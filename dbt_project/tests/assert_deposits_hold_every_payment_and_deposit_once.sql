-- Guards: fct_deposits neither loses nor doubles a cent: its payments are the counted payments with money,
-- its deposits are the deposits of the bank files.
with listed as (
    select
        count(payment_key) as payment_count,
        coalesce(sum(payment_amount), 0) as payment_amount,
        count(deposit_key) as deposit_count,
        coalesce(sum(deposit_amount), 0) as deposit_amount
    from {{ ref('fct_deposits') }}
),

payments as (
    select
        count(*) as payment_count,
        coalesce(sum(payment_amount), 0) as payment_amount
    from {{ ref('fct_remittance_reconciliation') }}
    where payment_state = 'counted' and payment_amount > 0
),

deposits as (
    select
        count(*) as deposit_count,
        coalesce(sum(deposit_amount), 0) as deposit_amount
    from {{ ref('int_ehr__bank_deposits') }}
)

select
    listed.payment_count,
    listed.deposit_count
from listed
cross join payments
cross join deposits
where
    listed.payment_count <> payments.payment_count
    or listed.payment_amount <> payments.payment_amount
    or listed.deposit_count <> deposits.deposit_count
    or listed.deposit_amount <> deposits.deposit_amount
