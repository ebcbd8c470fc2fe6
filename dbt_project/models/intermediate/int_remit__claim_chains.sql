{{ config(materialized='table') }}

with remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

matches as (
    select * from {{ ref('int_remit__claim_matches') }}
),

adjustments as (
    select * from {{ ref('int_remit__adjustments') }}
),

chained as (
    select
        remit_claims.*,
        matches.claim_key,
        remit_claims.claim_role = 'reversal' as is_reversal,
        case
            when matches.claim_key is not null
                then {{ row_hash(["'claim'", 'matches.claim_key', 'remit_claims.payer_id']) }}
            when remit_claims.control_number_normalised is not null
                then {{ row_hash([
                    "'number'", 'remit_claims.payee_id', 'remit_claims.control_number_normalised', 'remit_claims.payer_id'
                ]) }}
            when remit_claims.payer_claim_control_number is not null
                then {{ row_hash([
                    "'payer'", 'remit_claims.payee_id', 'remit_claims.payer_claim_control_number', 'remit_claims.payer_id'
                ]) }}
            else {{ row_hash(["'alone'", 'remit_claims.remit_claim_key']) }}
        end as chain_key
    from remit_claims
    inner join matches on remit_claims.remit_claim_key = matches.remit_claim_key
),

-- within a day: the payment that opens with an adjudication goes before the one that opens with a reversal
openings as (
    select
        chained.*,
        min(case when chained.is_reversal then chained.claim_index end)
            over (partition by chained.chain_key, chained.payment_key)
            as first_reversal_index,
        min(chained.claim_index) over (partition by chained.chain_key, chained.payment_key) as first_index
    from chained
),

positioned as (
    select
        openings.*,
        row_number() over (
            partition by openings.chain_key
            order by
                openings.payment_date nulls first,
                case when openings.first_reversal_index = openings.first_index then 1 else 0 end,
                openings.production_date nulls first,
                openings.trace_number nulls first,
                openings.payment_key,
                openings.claim_index
        ) as chain_position
    from openings
),

brackets as (
    select
        remit_claim_key,
        chain_key,
        chain_position,
        is_reversal,
        case
            when is_reversal then coalesce(original_reference_number, payer_claim_control_number)
            else payer_claim_control_number
        end as linked_number,
        case when is_reversal then -charge_amount else charge_amount end as original_charge_amount,
        case when is_reversal then -paid_amount else paid_amount end as original_paid_amount
    from positioned
    where claim_role in ('adjudication', 'reversal')
),

pairs_by_number_and_amount as (
    {{ money_pair_reversals(
        'brackets', ['chain_key', 'linked_number', 'original_charge_amount', 'original_paid_amount'], 'number_and_amount'
    ) }}
),

left_after_first as (
    select members.*
    from brackets as members
    left join pairs_by_number_and_amount as own_pair on members.remit_claim_key = own_pair.reversal_key
    left join pairs_by_number_and_amount as taken_back on members.remit_claim_key = taken_back.reversed_key
    where own_pair.reversal_key is null and taken_back.reversed_key is null
),

pairs_by_amount as (
    {{ money_pair_reversals(
        'left_after_first', ['chain_key', 'original_charge_amount', 'original_paid_amount'], 'amount'
    ) }}
),

left_after_second as (
    select members.*
    from left_after_first as members
    left join pairs_by_amount as own_pair on members.remit_claim_key = own_pair.reversal_key
    left join pairs_by_amount as taken_back on members.remit_claim_key = taken_back.reversed_key
    where own_pair.reversal_key is null and taken_back.reversed_key is null
),

pairs_by_number as (
    {{ money_pair_reversals('left_after_second', ['chain_key', 'linked_number'], 'number') }}
),

pairs as (
    select * from pairs_by_number_and_amount
    union all
    select * from pairs_by_amount
    union all
    select * from pairs_by_number
),

pair_members as (
    select
        reversal_key,
        reversal_key as remit_claim_key
    from pairs
    union all
    select
        reversal_key,
        reversed_key as remit_claim_key
    from pairs
),

-- charge, paid and every adjustment code must come to zero (x12_835 §6)
code_sums as (
    select
        pair_members.reversal_key,
        adjustments.group_code,
        adjustments.carc,
        sum(adjustments.adjustment_amount) as adjustment_amount
    from pair_members
    inner join adjustments on pair_members.remit_claim_key = adjustments.remit_claim_key
    group by pair_members.reversal_key, adjustments.group_code, adjustments.carc
),

unsettled_codes as (
    select distinct reversal_key
    from code_sums
    where adjustment_amount <> 0
),

final as (
    select
        positioned.remit_claim_key,
        positioned.payment_key,
        positioned.claim_key,
        positioned.chain_key,
        cast(positioned.chain_position as integer) as chain_position,
        positioned.claim_role,
        positioned.is_reversal,
        own_pair.reversed_key as reverses_remit_claim_key,
        taken_back.reversal_key as reversed_by_remit_claim_key,
        coalesce(own_pair.link_method, taken_back.link_method) as link_method,
        taken_back.reversal_key is not null as is_reversed,
        positioned.is_reversal and own_pair.reversal_key is null as is_orphan_reversal,
        coalesce(own_pair.link_method = 'number', false)
        or unsettled_codes.reversal_key is not null as is_reversal_mismatch
    from positioned
    left join pairs as own_pair on positioned.remit_claim_key = own_pair.reversal_key
    left join unsettled_codes on positioned.remit_claim_key = unsettled_codes.reversal_key
    left join pairs as taken_back on positioned.remit_claim_key = taken_back.reversed_key
)

select * from final
