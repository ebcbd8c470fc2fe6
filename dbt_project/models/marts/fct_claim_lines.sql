with our_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
),

our_claims as (
    select * from {{ ref('int_ehr__claims') }}
),

outcomes as (
    select * from {{ ref('int_remit__line_outcomes') }}
),

final as (
    select
        our_lines.claim_line_key,
        our_lines.claim_key,
        case when our_claims.patient_id is not null then our_claims.patient_key end as patient_key,
        our_lines.encounter_key,
        our_lines.clinic_id,
        our_lines.claim_id,
        our_lines.line_number,
        our_claims.payer_id,
        {{ surrogate_key(['our_claims.payer_id']) }} as payer_key,
        our_claims.line_of_business,
        our_claims.claim_status,
        our_lines.service_date,
        our_lines.procedure_code,
        our_lines.modifier_1,
        our_lines.modifier_2,
        our_lines.modifier_3,
        our_lines.modifier_4,
        our_lines.billed_units,
        our_lines.revenue_code,
        our_lines.ndc11,
        our_lines.rendering_npi,
        our_lines.charge_amount,
        case
            when outcomes.claim_line_key is null then 'not_answered'
            when outcomes.is_denied then 'denied'
            when outcomes.is_reversed then 'reversed'
            when outcomes.is_paid and outcomes.is_partially_denied then 'partially_paid'
            when outcomes.is_paid then 'paid'
            when outcomes.is_paid is null then 'paid_with_claim'
            when outcomes.patient_responsibility_amount > 0 then 'patient_responsibility'
            else 'zero_paid'
        end as line_outcome,
        outcomes.outcome_basis,
        outcomes.paid_amount,
        outcomes.allowed_amount,
        outcomes.contractual_amount,
        outcomes.patient_responsibility_amount,
        outcomes.denial_amount,
        outcomes.denial_carc,
        outcomes.denial_group_code,
        outcomes.denial_category,
        coalesce(outcomes.is_denied, false) as is_denied,
        coalesce(outcomes.is_partially_denied, false) as is_partially_denied,
        coalesce(outcomes.is_reversed, false) as is_reversed,
        outcomes.first_adjudicated_date,
        outcomes.last_event_date
    from our_lines
    inner join our_claims on our_lines.claim_key = our_claims.claim_key
    left join outcomes on our_lines.claim_line_key = outcomes.claim_line_key
)

select * from final
