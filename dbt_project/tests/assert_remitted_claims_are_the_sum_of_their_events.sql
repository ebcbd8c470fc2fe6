-- Guards: lines and what a claim says beyond them are CLP03 and CLP04 exactly; nothing is spread or lost.
with remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

events as (
    select
        remit_claim_key,
        sum(charge_amount) as charge_amount,
        sum(paid_amount) as paid_amount
    from {{ ref('fct_remit_events') }}
    where remit_claim_key is not null
    group by remit_claim_key
)

select
    remit_claims.remit_claim_key,
    remit_claims.charge_amount,
    events.charge_amount as event_charge_amount,
    remit_claims.paid_amount,
    events.paid_amount as event_paid_amount
from remit_claims
left join events on remit_claims.remit_claim_key = events.remit_claim_key
where
    remit_claims.charge_amount <> coalesce(events.charge_amount, 0)
    or remit_claims.paid_amount <> coalesce(events.paid_amount, 0)
