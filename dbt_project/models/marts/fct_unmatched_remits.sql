with remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

matches as (
    select * from {{ ref('int_remit__claim_matches') }}
),

remit_lines as (
    select * from {{ ref('int_remit__service_lines') }}
),

payee_clinics as (
    select * from {{ ref('int_remit__payee_clinics') }}
),

next_steps as (
    select * from {{ ref('money_next_steps') }}
    where list_name = 'unmatched_remit'
),

unmatched_claims as (
    select
        remit_claims.remit_claim_key as unmatched_remit_key,
        'claim' as unmatched_level,
        remit_claims.remit_claim_key,
        cast(null as varchar) as remit_line_key,
        cast(null as varchar) as claim_key,
        case
            when matches.match_status = 'ambiguous' then 'claim_ambiguous'
            when remit_claims.claim_role = 'forwarded' then 'claim_forwarded'
            when remit_claims.control_number_normalised is null then 'claim_number_lost'
            else 'claim_number_unknown'
        end as unmatched_reason,
        cast(null as varchar) as procedure_code,
        remit_claims.statement_from_date as service_date,
        remit_claims.charge_amount,
        remit_claims.paid_amount
    from remit_claims
    inner join matches on remit_claims.remit_claim_key = matches.remit_claim_key
    where matches.match_status <> 'matched'
),

unmatched_lines as (
    select
        remit_line_key as unmatched_remit_key,
        'line' as unmatched_level,
        remit_claim_key,
        remit_line_key,
        claim_key,
        case when line_match_status = 'ambiguous' then 'line_ambiguous' else 'line_unknown' end
            as unmatched_reason,
        procedure_code,
        service_from_date as service_date,
        charge_amount,
        paid_amount
    from remit_lines
    where claim_key is not null and line_match_status <> 'matched'
),

unmatched as (
    select * from unmatched_claims
    union all
    select * from unmatched_lines
),

final as (
    select
        unmatched.unmatched_remit_key,
        unmatched.unmatched_level,
        unmatched.unmatched_reason,
        next_steps.next_step,
        payee_clinics.clinic_id,
        remit_claims.payer_id,
        {{ surrogate_key(['remit_claims.payer_id']) }} as payer_key,
        remit_claims.payment_key,
        unmatched.remit_claim_key,
        unmatched.remit_line_key,
        unmatched.claim_key,
        remit_claims.claim_role as event_type,
        remit_claims.payment_date as event_date,
        unmatched.service_date,
        unmatched.procedure_code,
        unmatched.charge_amount,
        unmatched.paid_amount,
        remit_claims.patient_control_number,
        remit_claims.payer_claim_control_number,
        remit_claims.trace_number
    from unmatched
    inner join remit_claims on unmatched.remit_claim_key = remit_claims.remit_claim_key
    left join payee_clinics on remit_claims.payee_npi = payee_clinics.payee_npi
    left join next_steps on unmatched.unmatched_reason = next_steps.state
)

select * from final
