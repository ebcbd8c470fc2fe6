with claim_lines as (
    select
        claim_lines.*,
        claims.payer_id,
        claims.line_of_business,
        claims.place_of_service_code
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

-- the most specific entry wins: modifier, then place, then line of business, then the newest
ranked as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        schedules.allowed_unit_amount,
        schedules.charge_unit_amount,
        row_number() over (
            partition by claim_lines.claim_line_key
            order by
                case when schedules.modifier is null then 1 else 0 end,
                case when schedules.place_of_service_code is null then 1 else 0 end,
                case when schedules.line_of_business is null then 1 else 0 end,
                schedules.effective_from_date desc,
                schedules.modifier asc
        ) as entry_rank
    from claim_lines
    inner join {{ ref('int_ehr__fee_schedules') }} as schedules
        on
            claim_lines.clinic_id = schedules.clinic_id
            and claim_lines.payer_id = schedules.payer_id
            and claim_lines.procedure_code = schedules.procedure_code
            and (
                schedules.line_of_business is null
                or claim_lines.line_of_business = schedules.line_of_business
            )
            and (
                schedules.place_of_service_code is null
                or claim_lines.place_of_service_code = schedules.place_of_service_code
            )
            and (
                schedules.modifier is null
                or schedules.modifier in (
                    claim_lines.modifier_1,
                    claim_lines.modifier_2,
                    claim_lines.modifier_3,
                    claim_lines.modifier_4
                )
            )
            and {{ is_in_force(
                'claim_lines.service_date', 'schedules.effective_from_date', 'schedules.effective_to_date'
            ) }}
)

select
    ranked.claim_line_key,
    ranked.patient_key,
    ranked.allowed_unit_amount,
    ranked.charge_unit_amount
from ranked
where ranked.entry_rank = 1
