with events as (
    select * from {{ ref('int_remit__events') }}
    where denial_extent <> 'none'
),

our_claims as (
    select * from {{ ref('int_ehr__claims') }}
),

our_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
),

remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

remarks as (
    select * from {{ ref('int_remit__remarks') }}
    where remark_order = 1
),

adjustment_codes as (
    select * from {{ ref('carc_rarc') }}
    where type = 'CARC'
),

final as (
    select
        events.remit_event_key as denial_key,
        events.payment_key,
        events.remit_claim_key,
        events.claim_key,
        events.claim_line_key,
        case when our_claims.patient_id is not null then our_claims.patient_key end as patient_key,
        our_claims.clinic_id,
        events.payer_id,
        {{ surrogate_key(['events.payer_id']) }} as payer_key,
        our_claims.line_of_business,
        events.event_level as denial_level,
        events.denial_extent,
        events.event_date as denied_date,
        coalesce(events.service_from_date, our_lines.service_date) as service_date,
        coalesce(events.procedure_code, our_lines.procedure_code) as procedure_code,
        our_lines.rendering_npi,
        events.charge_amount,
        events.paid_amount,
        events.denial_amount,
        events.denial_group_code as group_code,
        events.denial_carc as carc,
        adjustment_codes.label as carc_desc,
        events.denial_category,
        coalesce(line_remarks.rarc, claim_remarks.rarc) as first_rarc,
        adjustment_codes.preventable_by_rule_ids,
        adjustment_codes.recommended_action,
        adjustment_codes.appealability,
        remit_claims.patient_control_number,
        remit_claims.payer_claim_control_number
    from events
    inner join remit_claims on events.remit_claim_key = remit_claims.remit_claim_key
    left join our_claims on events.claim_key = our_claims.claim_key
    left join our_lines on events.claim_line_key = our_lines.claim_line_key
    left join remarks as line_remarks on events.remit_line_key = line_remarks.remit_line_key
    left join remarks as claim_remarks
        on
            events.remit_claim_key = claim_remarks.remit_claim_key
            and claim_remarks.remit_line_key is null
    left join adjustment_codes on events.denial_carc = adjustment_codes.code
)

select * from final
