with chains as (
    select * from {{ ref('int_remit__claim_chains') }}
),

remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

adjustments as (
    select * from {{ ref('int_remit__adjustments') }}
),

our_claims as (
    select * from {{ ref('int_ehr__claims') }}
),

finals as (
    select
        remit_claim_key,
        max(case when is_final then 1 else 0 end) = 1 as is_final
    from {{ ref('int_remit__events') }}
    where remit_claim_key is not null
    group by remit_claim_key
),

next_steps as (
    select * from {{ ref('money_next_steps') }}
    where list_name = 'remit_chain'
),

-- what a reversal and what it takes back leave open, code by code, so that two gaps never hide each other
code_sums as (
    select
        chains.remit_claim_key,
        adjustments.group_code,
        adjustments.carc,
        sum(adjustments.adjustment_amount) as adjustment_amount
    from chains
    inner join adjustments
        on adjustments.remit_claim_key in (chains.remit_claim_key, chains.reverses_remit_claim_key)
    where chains.reverses_remit_claim_key is not null
    group by chains.remit_claim_key, adjustments.group_code, adjustments.carc
),

open_codes as (
    select
        remit_claim_key,
        sum(abs(adjustment_amount)) as adjustment_amount
    from code_sums
    group by remit_claim_key
),

earlier as (
    select
        chains.*,
        count(case when chains.claim_role = 'adjudication' then 1 end) over (
            partition by chains.chain_key
            order by chains.chain_position
            rows between unbounded preceding and 1 preceding
        ) as earlier_answer_count,
        count(case when chains.is_reversed then 1 end) over (
            partition by chains.chain_key
            order by chains.chain_position
            rows between unbounded preceding and 1 preceding
        ) as earlier_reversed_count
    from chains
),

roles as (
    select
        earlier.*,
        case
            when earlier.is_orphan_reversal then 'orphan_reversal'
            when earlier.is_reversal_mismatch then 'mismatched_reversal'
            when earlier.is_reversal then 'reversal'
            when earlier.claim_role <> 'adjudication' then earlier.claim_role
            when earlier.earlier_reversed_count > 0 then 'correction'
            when earlier.earlier_answer_count > 0 then 'further_answer'
            else 'original'
        end as chain_role
    from earlier
),

final as (
    select
        roles.remit_claim_key,
        roles.chain_key,
        roles.chain_position,
        roles.chain_role,
        roles.payment_key,
        roles.claim_key,
        our_claims.clinic_id,
        remit_claims.payer_id,
        {{ surrogate_key(['remit_claims.payer_id']) }} as payer_key,
        remit_claims.payment_date as event_date,
        remit_claims.claim_status_code,
        remit_claims.charge_amount,
        remit_claims.paid_amount,
        roles.reverses_remit_claim_key,
        roles.reversed_by_remit_claim_key,
        roles.link_method,
        roles.is_reversed,
        coalesce(finals.is_final, false) as is_final,
        {{ money_amount(
            'case when roles.is_reversal'
            ~ ' then remit_claims.charge_amount + coalesce(reversed_claims.charge_amount, 0) end'
        ) }} as net_charge_amount,
        {{ money_amount(
            'case when roles.is_reversal'
            ~ ' then remit_claims.paid_amount + coalesce(reversed_claims.paid_amount, 0) end'
        ) }} as net_paid_amount,
        {{ money_amount(
            'case when roles.reverses_remit_claim_key is not null'
            ~ ' then coalesce(open_codes.adjustment_amount, 0) end'
        ) }} as net_adjustment_amount,
        next_steps.next_step,
        remit_claims.patient_control_number,
        remit_claims.payer_claim_control_number,
        remit_claims.trace_number
    from roles
    inner join remit_claims on roles.remit_claim_key = remit_claims.remit_claim_key
    left join remit_claims as reversed_claims
        on roles.reverses_remit_claim_key = reversed_claims.remit_claim_key
    left join open_codes on roles.remit_claim_key = open_codes.remit_claim_key
    left join finals on roles.remit_claim_key = finals.remit_claim_key
    left join our_claims on roles.claim_key = our_claims.claim_key
    left join next_steps on roles.chain_role = next_steps.state
)

select * from final
