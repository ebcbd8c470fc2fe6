{{ config(materialized='table') }}

with remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

matches as (
    select * from {{ ref('int_remit__claim_matches') }}
),

service_lines as (
    select * from {{ ref('stg_remit__service_lines') }}
),

our_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
),

remit_lines as (
    select
        {{ money_remit_line_key('remit_claims', 'service_lines') }} as remit_line_key,
        remit_claims.remit_claim_key,
        remit_claims.payment_key,
        remit_claims.claim_index,
        service_lines.line_index,
        matches.claim_key,
        nullif(trim(service_lines.line_control_number), '') as line_control_number,
        service_lines.procedure_code,
        service_lines.original_procedure_code,
        -- SVC06 is what we billed when the payer changed the code
        coalesce(
            {{ normalised_code('service_lines.original_procedure_code') }},
            {{ normalised_code('service_lines.procedure_code') }}
        ) as billed_procedure_code,
        {{ normalised_code('service_lines.original_procedure_code') }} is not null as is_code_changed,
        {% for position in range(1, 5) -%}
            {{ normalised_code('service_lines.modifier_' ~ position) }} as modifier_{{ position }},
        {% endfor -%}
        coalesce(service_lines.service_from_date, remit_claims.statement_from_date) as service_from_date,
        {{ money_amount('remit_claims.repaired_sign * coalesce(service_lines.charge_amount, 0)') }}
            as charge_amount,
        {{ money_amount('remit_claims.repaired_sign * coalesce(service_lines.paid_amount, 0)') }}
            as paid_amount,
        service_lines.charge_amount is null or service_lines.paid_amount is null as has_unreadable_amount,
        {{ money_amount('remit_claims.repaired_sign * service_lines.allowed_amount') }}
            as allowed_sent_amount,
        service_lines.paid_units,
        service_lines._file_sha256,
        service_lines.st_index,
        service_lines._segment_number
    from remit_claims
    inner join matches on remit_claims.remit_claim_key = matches.remit_claim_key
    inner join service_lines
        on
            remit_claims._file_sha256 = service_lines._file_sha256
            and remit_claims.st_index = service_lines.st_index
            and remit_claims.claim_index = service_lines.claim_index
),

candidates as (
    select
        remit_lines.remit_line_key,
        our_lines.claim_line_key,
        case
            when remit_lines.line_control_number = trim(our_lines.line_control_number) then 1
            when remit_lines.is_code_changed then 2
            when
                coalesce(remit_lines.modifier_1, '') = coalesce(our_lines.modifier_1, '')
                and coalesce(remit_lines.modifier_2, '') = coalesce(our_lines.modifier_2, '')
                and coalesce(remit_lines.modifier_3, '') = coalesce(our_lines.modifier_3, '')
                and coalesce(remit_lines.modifier_4, '') = coalesce(our_lines.modifier_4, '')
                then 3
            else 4
        end as method_rank
    from remit_lines
    inner join our_lines
        on
            remit_lines.claim_key = our_lines.claim_key
            and (
                remit_lines.line_control_number = trim(our_lines.line_control_number)
                or (
                    remit_lines.billed_procedure_code = our_lines.procedure_code
                    and remit_lines.service_from_date = our_lines.service_date
                    and abs(remit_lines.charge_amount) = our_lines.charge_amount
                )
            )
),

best as (
    select
        remit_line_key,
        method_rank,
        count(*) as candidate_count,
        min(claim_line_key) as claim_line_key,
        row_number() over (partition by remit_line_key order by method_rank) as method_order
    from candidates
    group by remit_line_key, method_rank
),

numbered as (
    select
        remit_lines.*,
        case when best.candidate_count = 1 then best.claim_line_key end as own_line_key,
        case
            when best.candidate_count = 1 and best.method_rank = 1 then 'line_control_number'
            when best.candidate_count = 1 and best.method_rank = 2 then 'original_code_date_charge'
            when best.candidate_count = 1 and best.method_rank = 3 then 'code_modifiers_date_charge'
            when best.candidate_count = 1 then 'code_date_charge'
        end as own_method,
        coalesce(best.candidate_count > 1, false) as is_ambiguous
    from remit_lines
    left join best
        on
            remit_lines.remit_line_key = best.remit_line_key
            and best.method_order = 1
),

-- What is left of one claim on one day, on both sides, when its charges agree: one line told in several,
-- several told in one, or one told under another code. Anything else stays unmatched.
left_of_day as (
    select
        remit_claim_key,
        claim_key,
        service_from_date,
        count(*) as remit_line_count,
        abs(sum(charge_amount)) as charge_amount
    from numbered
    where own_line_key is null and claim_key is not null and service_from_date is not null
    group by remit_claim_key, claim_key, service_from_date
),

our_left_of_day as (
    select
        left_of_day.remit_claim_key,
        left_of_day.service_from_date,
        count(*) as our_line_count,
        sum(our_lines.charge_amount) as charge_amount,
        min(our_lines.claim_line_key) as claim_line_key
    from left_of_day
    inner join our_lines
        on
            left_of_day.claim_key = our_lines.claim_key
            and left_of_day.service_from_date = our_lines.service_date
    left join numbered
        on
            left_of_day.remit_claim_key = numbered.remit_claim_key
            and our_lines.claim_line_key = numbered.own_line_key
    where numbered.remit_line_key is null
    group by left_of_day.remit_claim_key, left_of_day.service_from_date
),

rests as (
    select
        left_of_day.remit_claim_key,
        left_of_day.service_from_date,
        our_left_of_day.claim_line_key,
        left_of_day.remit_line_count,
        our_left_of_day.our_line_count
    from left_of_day
    inner join our_left_of_day
        on
            left_of_day.remit_claim_key = our_left_of_day.remit_claim_key
            and left_of_day.service_from_date = our_left_of_day.service_from_date
            and left_of_day.charge_amount = our_left_of_day.charge_amount
    where left_of_day.remit_line_count = 1 or our_left_of_day.our_line_count = 1
),

placed as (
    select
        numbered.*,
        rests.remit_claim_key is not null as is_of_rest,
        coalesce(rests.our_line_count, 1) as our_line_count,
        coalesce(numbered.own_line_key, case when rests.our_line_count = 1 then rests.claim_line_key end)
            as claim_line_key
    from numbered
    left join rests
        on
            numbered.own_line_key is null
            and numbered.remit_claim_key = rests.remit_claim_key
            and numbered.service_from_date = rests.service_from_date
),

final as (
    select
        placed.*,
        coalesce(placed.own_method, case when placed.is_of_rest then 'date_and_charge_of_rest' end)
            as line_match_method,
        case
            when placed.own_line_key is not null or placed.is_of_rest then 'matched'
            when placed.is_ambiguous then 'ambiguous'
            else 'unmatched'
        end as line_match_status,
        case
            when placed.our_line_count > 1 then 'bundled'
            when
                placed.claim_line_key is not null
                and count(*) over (partition by placed.remit_claim_key, placed.claim_line_key) > 1
                then 'split'
            when placed.claim_line_key is not null then 'single'
        end as line_match_kind
    from placed
)

select * from final
