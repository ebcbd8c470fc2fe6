-- Guards: no cent of a duplicate, held or rejected payment is an event, and no payment counts in two copies.
with counted as (
    select
        payment_key,
        count(*) as counted_copy_count
    from {{ ref('fct_remittance_reconciliation') }}
    where payment_state = 'counted'
    group by payment_key
),

events as (
    select distinct payment_key
    from {{ ref('fct_remit_events') }}
)

select
    coalesce(events.payment_key, counted.payment_key) as payment_key,
    counted.counted_copy_count
from events
full outer join counted on events.payment_key = counted.payment_key
where
    counted.payment_key is null
    or counted.counted_copy_count <> 1
