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
        service_lines.modifier_1,
        service_lines.modifier_2,
        service_lines.modifier_3,
        service_lines.modifier_4,
        coalesce(service_lines.service_from_date, remit_claims.statement_from_date) as service_from_date,
        {{ money_amount('coalesce(service_lines.charge_amount, 0)') }} as charge_amount,
        {{ money_amount('coalesce(service_lines.paid_amount, 0)') }} as paid_amount,
        service_lines.charge_amount is null or service_lines.paid_amount is null as has_unreadable_amount,
        {{ money_amount('service_lines.allowed_amount') }} as allowed_sent_amount,
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
            else 2
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

final as (
    select
        remit_lines.*,
        case when best.candidate_count = 1 then best.claim_line_key end as claim_line_key,
        case
            when best.candidate_count = 1 and best.method_rank = 1 then 'line_control_number'
            when best.candidate_count = 1 then 'code_date_charge'
        end as line_match_method,
        case
            when best.candidate_count = 1 then 'matched'
            when best.candidate_count > 1 then 'ambiguous'
            else 'unmatched'
        end as line_match_status
    from remit_lines
    left join best
        on
            remit_lines.remit_line_key = best.remit_line_key
            and best.method_order = 1
)

select * from final
