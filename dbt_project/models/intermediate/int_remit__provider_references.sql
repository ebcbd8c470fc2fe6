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
        {{ money_reference_numbers('provider_adjustments.reference_id') }} as reference_numbers,
        coalesce(reason_codes.balance_kind = 'forward_balance', false) as is_forward_balance
    from payments
    inner join provider_adjustments
        on
            payments._file_sha256 = provider_adjustments._file_sha256
            and payments.st_index = provider_adjustments.st_index
    left join reason_codes on upper(trim(provider_adjustments.reason_code)) = reason_codes.reason_code
),

counted as (
    select
        entries.*,
        case
            when entries.reference_normalised is null then 0
            else length(entries.reference_numbers) - length(replace(entries.reference_numbers, ' ', '')) + 1
        end as reference_number_count
    from entries
),

-- the reference as a whole (part 0), and both numbers where it holds two
parts as (
    select
        counted.*,
        0 as part,
        counted.reference_normalised as part_normalised
    from counted
    {% for part in (1, 2) -%}
        union all
        select
            counted.*,
            {{ part }} as part,
            {{ money_reference_number("split_part(counted.reference_numbers, ' ', " ~ part ~ ")") }}
                as part_normalised
        from counted
        where counted.reference_number_count = 2
    {% endfor -%}
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
        parts.remit_event_key,
        parts.part,
        case when numbered_claims.reference_method = 'payer_control_number' then 2 else 3 end as method_rank,
        numbered_claims.reference_method,
        numbered_claims.named_key,
        numbered_claims.claim_key,
        cast(null as varchar) as named_payment_key
    from parts
    inner join numbered_claims
        on
            parts.payer_id is not distinct from numbered_claims.payer_id
            and parts.payee_id is not distinct from numbered_claims.payee_id
            and parts.part_normalised = numbered_claims.claim_number
    union all
    select
        parts.remit_event_key,
        parts.part,
        4 as method_rank,
        'control_number' as reference_method,
        our_numbers.claim_key as named_key,
        our_numbers.claim_key,
        cast(null as varchar) as named_payment_key
    from parts
    inner join our_numbers
        on
            parts.payee_npi = our_numbers.billing_npi
            and parts.part_normalised = our_numbers.control_number
    union all
    select
        parts.remit_event_key,
        parts.part,
        case when parts.is_forward_balance then 0 else 5 end
        + case when payments.payment_key = parts.payment_key then 1 else 0 end as method_rank,
        'trace_number' as reference_method,
        payments.payment_key as named_key,
        cast(null as varchar) as claim_key,
        payments.payment_key as named_payment_key
    from parts
    inner join payments
        on
            parts.payer_id is not distinct from payments.payer_id
            and parts.payee_id is not distinct from payments.payee_id
            and parts.part_normalised = payments.trace_normalised
            and (
                parts.payment_key = payments.payment_key
                or payments.payment_date is null
                or parts.payment_date is null
                or parts.payment_date >= payments.payment_date
            )
),

best as (
    select
        remit_event_key,
        part,
        method_rank,
        reference_method,
        count(distinct named_key) as named_count,
        min(named_key) as named_key,
        min(claim_key) as claim_key,
        min(named_payment_key) as named_payment_key,
        row_number() over (partition by remit_event_key, part order by method_rank) as method_order
    from candidates
    group by remit_event_key, part, method_rank, reference_method
),

-- Two numbers count only together: each must name one thing, while the whole names none.
found as (
    select
        counted.remit_event_key,
        counted.payment_key,
        counted.reference_normalised,
        counted.reference_number_count,
        coalesce(wholes.named_count, 0) as named_count,
        wholes.remit_event_key is null
        and coalesce(firsts.named_count = 1 and seconds.named_count = 1, false) as is_of_two,
        coalesce(firsts.named_key <> seconds.named_key, false) as names_two,
        wholes.reference_method,
        wholes.claim_key,
        wholes.named_payment_key,
        firsts.claim_key as first_claim_key,
        seconds.claim_key as second_claim_key,
        firsts.named_payment_key as first_payment_key,
        seconds.named_payment_key as second_payment_key
    from counted
    {% for part, name in [(0, 'wholes'), (1, 'firsts'), (2, 'seconds')] -%}
        left join best as {{ name }}
            on
                counted.remit_event_key = {{ name }}.remit_event_key
                and {{ name }}.part = {{ part }}
                and {{ name }}.method_order = 1
    {% endfor -%}
),

named as (
    select
        remit_event_key,
        payment_key,
        reference_normalised,
        reference_number_count,
        named_count,
        is_of_two,
        is_of_two and names_two as names_two,
        case
            when is_of_two then coalesce(first_claim_key, second_claim_key)
            when named_count = 1 then claim_key
        end as claim_key,
        case when is_of_two and first_claim_key <> second_claim_key then second_claim_key end
            as second_claim_key,
        case
            when is_of_two and first_payment_key <> second_payment_key then null
            when is_of_two then coalesce(first_payment_key, second_payment_key)
            when named_count = 1 then named_payment_key
        end as named_payment_key,
        case when is_of_two then 'two_numbers' when named_count = 1 then reference_method end
            as reference_method
    from found
),

final as (
    select
        remit_event_key,
        reference_normalised,
        cast(reference_number_count as integer) as reference_number_count,
        claim_key,
        second_claim_key,
        named_payment_key,
        reference_method,
        case
            when reference_normalised is null then 'none'
            when names_two then 'two_references'
            when named_count = 0 and not is_of_two then 'unresolved'
            when named_count > 1 then 'ambiguous'
            when named_payment_key = payment_key then 'this_remittance'
            when named_payment_key is not null then 'remittance'
            when claim_key is not null then 'claim'
            else 'unmatched_claim'
        end as reference_kind
    from named
)

select * from final
