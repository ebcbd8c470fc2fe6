-- Guards: a reversal and what it takes back come to zero in charge and payment; one that does not is flagged,
-- and nothing that was taken back is final.
with events as (
    select
        remit_claim_key,
        max(reverses_remit_claim_key) as reverses_remit_claim_key,
        bool_or(is_reversal_mismatch) as is_reversal_mismatch,
        bool_or(is_reversed and is_final) as is_final_though_reversed,
        sum(charge_amount) as charge_amount,
        sum(paid_amount) as paid_amount
    from {{ ref('fct_remit_events') }}
    where remit_claim_key is not null
    group by remit_claim_key
)

select
    reversals.remit_claim_key,
    reversals.charge_amount + originals.charge_amount as net_charge_amount,
    reversals.paid_amount + originals.paid_amount as net_paid_amount
from events as reversals
inner join events as originals on reversals.reverses_remit_claim_key = originals.remit_claim_key
where
    originals.is_final_though_reversed
    or (
        not reversals.is_reversal_mismatch
        and (
            reversals.charge_amount + originals.charge_amount <> 0
            or reversals.paid_amount + originals.paid_amount <> 0
        )
    )
