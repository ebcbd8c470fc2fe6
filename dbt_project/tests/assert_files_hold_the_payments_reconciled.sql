-- Guards: every payment copy stands in one active input, and their amounts agree in sum.
with payments as (
    select
        count(*) as payment_count,
        sum(payment_amount) as payment_amount
    from {{ ref('fct_remittance_reconciliation') }}
),

files as (
    select
        sum(payment_count) as payment_count,
        sum(payment_amount) as payment_amount
    from {{ ref('fct_file_ledger') }}
)

select
    payments.payment_count,
    files.payment_count as file_payment_count
from payments
cross join files
where
    payments.payment_count <> coalesce(files.payment_count, 0)
    or coalesce(payments.payment_amount, 0) <> coalesce(files.payment_amount, 0)
