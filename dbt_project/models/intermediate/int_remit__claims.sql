{{ config(materialized='table') }}

{#- a 4010 reversal without its minus counts with it where the payment balances no other way -#}
{%- set repaired_sign = (
    'case when payments.is_reversal_sign_repaired and claims.is_positive_reversal then -1 else 1 end'
) %}

with counted_payments as (
    select * from {{ ref('int_remit__payments') }}
    where payment_state = 'counted'
),

claims as (
    select * from {{ ref('stg_remit__claims') }}
),

service_lines as (
    select * from {{ ref('stg_remit__service_lines') }}
),

element_codes as (
    select * from {{ ref('remit_element_codes') }}
),

claims_with_lines as (
    select distinct
        _file_sha256,
        st_index,
        claim_index
    from service_lines
),

final as (
    select
        {{ surrogate_key(['payments.payment_key', 'claims.claim_index']) }} as remit_claim_key,
        payments.payment_key,
        claims.claim_index,
        payments.payer_id,
        payments.payee_id,
        payments.payee_npi,
        payments.payment_date,
        payments.production_date,
        payments.trace_number,
        claims.patient_control_number,
        {{ money_control_number('claims.patient_control_number') }} as control_number_normalised,
        claims.claim_status_code,
        coalesce(statuses.role, 'unknown') as claim_role,
        claims.filing_indicator_code,
        nullif(claims.payer_claim_control_number, '') as payer_claim_control_number,
        nullif(claims.original_reference_number, '') as original_reference_number,
        claims.prior_authorization_number,
        claims.rendering_npi,
        claims.statement_from_date,
        claims.statement_to_date,
        claims.received_date,
        {{ money_amount(repaired_sign ~ ' * coalesce(claims.charge_amount, 0)') }} as charge_amount,
        {{ money_amount(repaired_sign ~ ' * coalesce(claims.paid_amount, 0)') }} as paid_amount,
        {{ money_amount('claims.patient_responsibility_amount') }} as patient_responsibility_sent_amount,
        {{ repaired_sign }} as repaired_sign,
        claims.charge_amount is null or claims.paid_amount is null as has_unreadable_amount,
        claims_with_lines.claim_index is not null as has_service_lines,
        claims._file_sha256,
        claims.st_index,
        claims._segment_number
    from counted_payments as payments
    inner join claims
        on
            payments._file_sha256 = claims._file_sha256
            and payments.st_index = claims.st_index
    left join claims_with_lines
        on
            claims._file_sha256 = claims_with_lines._file_sha256
            and claims.st_index = claims_with_lines.st_index
            and claims.claim_index = claims_with_lines.claim_index
    left join element_codes as statuses
        on
            statuses.element = 'CLP02'
            and claims.claim_status_code = statuses.code
)

select * from final
