{{ config(materialized='table') }}

with decided as (
    select * from {{ ref('int_remit__transactions') }}
),

issues as (
    select * from {{ ref('stg_remit__issues') }}
),

contenders as (
    select distinct
        payment_reference,
        payment_key,
        _file_sha256,
        interchange_index
    from decided
    where
        payment_reference is not null
        and not is_trace_meaningless
        and coalesce(decision, '') <> 'reject'
),

-- one interchange of one file may hold two payments of one reference: the payer meant both
meant_pairs as (
    select distinct
        contenders.payment_key,
        rivals.payment_key as other_payment_key
    from contenders
    inner join contenders as rivals
        on
            contenders.payment_reference = rivals.payment_reference
            and contenders._file_sha256 = rivals._file_sha256
            and contenders.interchange_index = rivals.interchange_index
            and contenders.payment_key <> rivals.payment_key
),

conflicts as (
    select distinct contenders.payment_key
    from contenders
    inner join contenders as rivals
        on
            contenders.payment_reference = rivals.payment_reference
            and contenders.payment_key <> rivals.payment_key
    left join meant_pairs
        on
            contenders.payment_key = meant_pairs.payment_key
            and rivals.payment_key = meant_pairs.other_payment_key
    where meant_pairs.payment_key is null
),

reader_reasons as (
    select
        _file_sha256,
        st_index,
        min(code) as reason_code
    from issues
    where severity = 'error' and st_index is not null
    group by _file_sha256, st_index
),

judged as (
    select
        decided.*,
        conflicts.payment_key is not null as is_conflict,
        case
            when
                decided.transaction_status = 'held'
                then coalesce(reader_reasons.reason_code, 'HELD_BY_READER')
            when conflicts.payment_key is not null then 'CONFLICT'
        end as hold_cause,
        case
            when decided.decision = 'reject' then false
            when decided.decision = 'release' then true
            else decided.transaction_status <> 'held' and conflicts.payment_key is null
        end as is_countable
    from decided
    left join conflicts on decided.payment_key = conflicts.payment_key
    left join reader_reasons
        on
            decided._file_sha256 = reader_reasons._file_sha256
            and decided.st_index = reader_reasons.st_index
),

-- the counted copy is the lowest sha256, then the first in its file: never the first to arrive
ranked as (
    select
        judged.*,
        row_number() over (
            partition by judged.payment_key
            order by case when judged.is_countable then 0 else 1 end, judged._file_sha256, judged.st_index
        ) as copy_rank,
        count(*) over (partition by judged.payment_key) as copy_count,
        max(case when judged.is_countable then 1 else 0 end) over (partition by judged.payment_key)
        = 1 as has_countable_copy
    from judged
),

final as (
    select
        transaction_key,
        payment_key,
        payment_identity,
        payment_reference,
        content_hash,
        case
            when decision = 'reject' then 'rejected'
            when is_countable and copy_rank = 1 then 'counted'
            when has_countable_copy then 'duplicate'
            else 'held'
        end as payment_state,
        case when decision is null and not has_countable_copy then hold_cause end as held_reason,
        copy_rank = 1 as is_representative_copy,
        is_conflict,
        is_trace_meaningless,
        decision,
        decision_reason,
        copy_count,
        transaction_status,
        resolved_payer_id as payer_id,
        payer_id as payer_id_sent,
        payer_name,
        payee_id_qualifier,
        payee_id,
        payee_tax_id,
        case when payee_id_qualifier = 'XX' then payee_id end as payee_npi,
        handling_code,
        payment_method_code,
        credit_debit_code,
        payment_amount,
        payment_date,
        production_date,
        trace_number,
        claim_count,
        claim_charge_amount,
        claim_paid_amount,
        provider_adjustment_amount,
        unexplained_amount,
        is_reversal_sign_repaired,
        st_index,
        interchange_index,
        _file_sha256,
        _commit_id,
        _segment_number
    from ranked
)

select * from final
