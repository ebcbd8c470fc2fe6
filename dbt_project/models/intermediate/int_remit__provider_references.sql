{{ config(materialized='table') }}

with payments as (
    select
        *,
        {{ money_reference_number('trace_number') }} as trace_normalised
    from {{ ref('int_remit__payments') }}
    where payment_state = 'counted'
),

provider_adjustments as (
    select * from {{ ref('stg_remit__provider_adjustments') }}
),

reason_codes as (
    select * from {{ ref('provider_adjustment_codes') }}
),

remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

matches as (
    select * from {{ ref('int_remit__claim_matches') }}
),

our_numbers as (
    select
        claim_key,
        billing_npi,
        {{ money_reference_number('patient_control_number') }} as control_number
    from {{ ref('int_ehr__claims') }}
),

entries as (
    select
        {{ surrogate_key(["'payment'", 'payments.payment_key', 'provider_adjustments.sequence']) }}
            as remit_event_key,
        payments.payment_key,
        payments.payer_id,
        payments.payee_id,
        payments.payee_npi,
        payments.payment_date,
        {{ money_reference_number('provider_adjustments.reference_id') }} as reference_normalised,
        coalesce(reason_codes.balance_kind = 'forward_balance', false) as is_forward_balance
    from payments
    inner join provider_adjustments
        on
            payments._file_sha256 = provider_adjustments._file_sha256
            and payments.st_index = provider_adjustments.st_index
    left join reason_codes on upper(trim(provider_adjustments.reason_code)) = reason_codes.reason_code
),

numbered_claims as (
    select
        remit_claims.payer_id,
        remit_claims.payee_id,
        {{ money_reference_number('remit_claims.payer_claim_control_number') }} as claim_number,
        'payer_control_number' as reference_method,
        coalesce(matches.claim_key, remit_claims.remit_claim_key) as named_key,
        matches.claim_key
    from remit_claims
    inner join matches on remit_claims.remit_claim_key = matches.remit_claim_key
    union all
    select
        remit_claims.payer_id,
        remit_claims.payee_id,
        {{ money_reference_number('remit_claims.patient_control_number') }} as claim_number,
        'control_number' as reference_method,
        coalesce(matches.claim_key, remit_claims.remit_claim_key) as named_key,
        matches.claim_key
    from remit_claims
    inner join matches on remit_claims.remit_claim_key = matches.remit_claim_key
),

-- the payer's number says most, then our number in its remittances, then our number in our books; a forward
-- balance names a trace (x12_835 §7), so for it traces go first
candidates as (
    select
        entries.remit_event_key,
        case when numbered_claims.reference_method = 'payer_control_number' then 2 else 3 end as method_rank,
        numbered_claims.reference_method,
        numbered_claims.named_key,
        numbered_claims.claim_key,
        cast(null as varchar) as named_payment_key
    from entries
    inner join numbered_claims
        on
            entries.payer_id is not distinct from numbered_claims.payer_id
            and entries.payee_id is not distinct from numbered_claims.payee_id
            and entries.reference_normalised = numbered_claims.claim_number
    union all
    select
        entries.remit_event_key,
        4 as method_rank,
        'control_number' as reference_method,
        our_numbers.claim_key as named_key,
        our_numbers.claim_key,
        cast(null as varchar) as named_payment_key
    from entries
    inner join our_numbers
        on
            entries.payee_npi = our_numbers.billing_npi
            and entries.reference_normalised = our_numbers.control_number
    union all
    select
        entries.remit_event_key,
        case when entries.is_forward_balance then 0 else 5 end
        + case when payments.payment_key = entries.payment_key then 1 else 0 end as method_rank,
        'trace_number' as reference_method,
        payments.payment_key as named_key,
        cast(null as varchar) as claim_key,
        payments.payment_key as named_payment_key
    from entries
    inner join payments
        on
            entries.payer_id is not distinct from payments.payer_id
            and entries.payee_id is not distinct from payments.payee_id
            and entries.reference_normalised = payments.trace_normalised
            and (
                entries.payment_key = payments.payment_key
                or payments.payment_date is null
                or entries.payment_date is null
                or entries.payment_date >= payments.payment_date
            )
),

best as (
    select
        remit_event_key,
        method_rank,
        reference_method,
        count(distinct named_key) as named_count,
        min(claim_key) as claim_key,
        min(named_payment_key) as named_payment_key,
        row_number() over (partition by remit_event_key order by method_rank) as method_order
    from candidates
    group by remit_event_key, method_rank, reference_method
),

final as (
    select
        entries.remit_event_key,
        entries.reference_normalised,
        case when best.named_count = 1 then best.claim_key end as claim_key,
        case when best.named_count = 1 then best.named_payment_key end as named_payment_key,
        case when best.named_count = 1 then best.reference_method end as reference_method,
        case
            when entries.reference_normalised is null then 'none'
            when best.remit_event_key is null then 'unresolved'
            when best.named_count > 1 then 'ambiguous'
            when best.named_payment_key = entries.payment_key then 'this_remittance'
            when best.named_payment_key is not null then 'remittance'
            when best.claim_key is not null then 'claim'
            else 'unmatched_claim'
        end as reference_kind
    from entries
    left join best
        on
            entries.remit_event_key = best.remit_event_key
            and best.method_order = 1
)

select * from final
