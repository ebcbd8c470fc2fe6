with usage as (
    select * from {{ ref('int_ehr__prior_auth_usage') }}
),

our_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
),

final as (
    select
        {{ surrogate_key(['usage.prior_auth_key', 'usage.claim_line_key']) }} as prior_auth_usage_key,
        usage.prior_auth_key,
        usage.claim_line_key,
        our_lines.claim_key,
        usage.patient_key,
        usage.clinic_id,
        usage.service_date,
        our_lines.procedure_code,
        usage.unit_basis_code,
        cast(usage.approved_units as decimal(18, 3)) as approved_units,
        usage.is_consuming,
        cast(usage.line_units as decimal(18, 3)) as line_units,
        cast(usage.used_units_before as decimal(18, 3)) as used_units_before,
        cast(usage.units_left as decimal(18, 3)) as units_left
    from usage
    inner join our_lines on usage.claim_line_key = our_lines.claim_line_key
)

select * from final
