-- Guards: what fct_claims says a claim was paid is what its events say, and its line part what its lines say.
with events as (
    select
        claim_key,
        sum(paid_amount) as paid_amount
    from {{ ref('fct_remit_events') }}
    where claim_key is not null
    group by claim_key
),

claim_lines as (
    select
        claim_key,
        sum(coalesce(paid_amount, 0)) as paid_amount,
        sum(charge_amount) as charge_amount
    from {{ ref('fct_claim_lines') }}
    group by claim_key
)

select
    claims.claim_key,
    claims.paid_amount,
    events.paid_amount as event_paid_amount,
    claim_lines.paid_amount as line_paid_amount
from {{ ref('fct_claims') }} as claims
left join events on claims.claim_key = events.claim_key
left join claim_lines on claims.claim_key = claim_lines.claim_key
where
    claims.paid_amount <> coalesce(events.paid_amount, 0)
    or claims.line_paid_amount <> coalesce(claim_lines.paid_amount, 0)
    or claims.line_charge_amount <> coalesce(claim_lines.charge_amount, 0)
