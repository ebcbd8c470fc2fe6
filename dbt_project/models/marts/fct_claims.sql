{%- set amounts = [
    'paid', 'contractual', 'patient_responsibility', 'denial', 'prior_payer', 'other', 'unclassified', 'unexplained'
] %}

with our_claims as (
    select * from {{ ref('int_ehr__claims') }}
),

claim_lines as (
    select
        claim_key,
        count(*) as line_count,
        sum(charge_amount) as line_charge_amount,
        sum(paid_amount) as line_paid_amount,
        min(service_date) as first_service_date,
        max(service_date) as last_service_date,
        count(case when is_denied then 1 end) as denied_line_count
    from {{ ref('fct_claim_lines') }}
    group by claim_key
),

events as (
    select
        claim_key,
        {%- for name in amounts %}
            sum({{ name }}_amount) as {{ name }}_amount,
        {%- endfor %}
        count(distinct remit_claim_key) as remit_claim_count,
        count(distinct payer_id) as paying_payer_count,
        count(case when is_final then 1 end) as final_count,
        count(case when is_reversed then 1 end) as reversed_count,
        count(case when denial_extent = 'full' then 1 end) as full_denial_count,
        count(case when denial_extent = 'partial' then 1 end) as partial_denial_count,
        min(case when event_type = 'adjudication' then event_date end) as first_adjudicated_date,
        max(event_date) as last_event_date
    from {{ ref('int_remit__events') }}
    where claim_key is not null
    group by claim_key
),

final as (
    select
        our_claims.claim_key,
        -- a claim whose patient nobody knows has a stand-in key, which is no patient's
        case when our_claims.patient_id is not null then our_claims.patient_key end as patient_key,
        our_claims.clinic_id,
        our_claims.claim_id,
        our_claims.patient_control_number,
        our_claims.payer_id,
        {{ surrogate_key(['our_claims.payer_id']) }} as payer_key,
        our_claims.line_of_business,
        {{ surrogate_key(['our_claims.clinic_id', 'our_claims.site_id']) }} as site_key,
        our_claims.billing_npi,
        our_claims.rendering_npi,
        our_claims.place_of_service_code,
        our_claims.frequency_code,
        our_claims.claim_status,
        our_claims.submitted_date,
        claim_lines.first_service_date,
        claim_lines.last_service_date,
        cast(coalesce(claim_lines.line_count, 0) as integer) as line_count,
        our_claims.charge_amount,
        {{ money_amount('coalesce(claim_lines.line_charge_amount, 0)') }} as line_charge_amount,
        case
            when events.claim_key is null then 'not_answered'
            when events.final_count = 0 and events.reversed_count > 0 then 'reversed'
            when
                events.paid_amount > 0 and events.full_denial_count + events.partial_denial_count > 0
                then 'partially_paid'
            when events.paid_amount > 0 then 'paid'
            when events.full_denial_count > 0 then 'denied'
            when events.patient_responsibility_amount > 0 then 'patient_responsibility'
            else 'zero_paid'
        end as claim_outcome,
        {%- for name in amounts %}
            {{ money_amount('coalesce(events.' ~ name ~ '_amount, 0)') }} as {{ name }}_amount,
        {%- endfor %}
        {{ money_amount('coalesce(claim_lines.line_paid_amount, 0)') }} as line_paid_amount,
        {{ money_amount('coalesce(events.paid_amount, 0) - coalesce(claim_lines.line_paid_amount, 0)') }}
            as unallocated_paid_amount,
        cast(coalesce(claim_lines.denied_line_count, 0) as integer) as denied_line_count,
        cast(coalesce(events.remit_claim_count, 0) as integer) as remit_claim_count,
        cast(coalesce(events.paying_payer_count, 0) as integer) as paying_payer_count,
        events.first_adjudicated_date,
        events.last_event_date
    from our_claims
    left join claim_lines on our_claims.claim_key = claim_lines.claim_key
    left join events on our_claims.claim_key = events.claim_key
)

select * from final
