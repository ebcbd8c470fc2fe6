with events as (
    select * from {{ ref('int_remit__events') }}
),

chains as (
    select * from {{ ref('int_remit__claim_chains') }}
),

matches as (
    select * from {{ ref('int_remit__claim_matches') }}
),

remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

remit_lines as (
    select * from {{ ref('int_remit__service_lines') }}
),

our_claims as (
    select * from {{ ref('int_ehr__claims') }}
),

final as (
    select
        events.remit_event_key,
        events.payment_key,
        events.remit_claim_key,
        events.remit_line_key,
        events.chain_key,
        events.claim_key,
        events.claim_line_key,
        case when our_claims.patient_id is not null then our_claims.patient_key end as patient_key,
        our_claims.clinic_id,
        events.payer_id,
        {{ surrogate_key(['events.payer_id']) }} as payer_key,
        events.event_level,
        events.event_type,
        events.event_date,
        events.chain_position,
        matches.match_status as claim_match_status,
        matches.match_method as claim_match_method,
        remit_lines.line_match_status,
        remit_lines.line_match_method,
        remit_lines.line_match_kind,
        remit_claims.patient_control_number,
        remit_claims.payer_claim_control_number,
        remit_claims.claim_status_code,
        events.procedure_code,
        events.service_from_date as service_date,
        events.charge_amount,
        events.paid_amount,
        events.contractual_amount,
        events.patient_responsibility_amount,
        events.denial_amount,
        events.prior_payer_amount,
        events.other_amount,
        events.unclassified_amount,
        events.unexplained_amount,
        events.patient_group_amount,
        events.provider_adjustment_amount,
        events.provider_adjustment_code,
        events.cash_amount,
        events.allowed_amount,
        events.allowed_sent_amount,
        events.denial_extent,
        events.denial_carc,
        events.denial_group_code,
        events.denial_category,
        events.is_reversed,
        events.is_superseded,
        events.is_final,
        chains.reverses_remit_claim_key,
        chains.is_orphan_reversal,
        chains.is_reversal_mismatch
    from events
    left join chains on events.remit_claim_key = chains.remit_claim_key
    left join matches on events.remit_claim_key = matches.remit_claim_key
    left join remit_claims on events.remit_claim_key = remit_claims.remit_claim_key
    left join remit_lines on events.remit_line_key = remit_lines.remit_line_key
    left join our_claims on events.claim_key = our_claims.claim_key
)

select * from final
