with claims as (
    select * from {{ ref('int_ehr__claim_versions') }}
    where {{ in_changed_scopes('patient_key') }}
),

dates as (
    select
        claim_lines.claim_key,
        min(claim_lines.service_date) as first_service_date,
        count(*) as line_count,
        sum(claim_lines.charge_amount) as line_charge_amount
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    where {{ in_changed_scopes('claim_lines.patient_key') }}
    group by claim_lines.claim_key
)

select
    claims.*,
    coverages.payer_id,
    coverages.line_of_business,
    dates.first_service_date,
    coalesce(dates.line_count, 0) as line_count,
    cast(dates.line_charge_amount as decimal(12, 2)) as line_charge_amount
from claims
left join dates on claims.claim_key = dates.claim_key
left join {{ ref('int_ehr__coverages') }} as coverages
    on
        claims.coverage_key = coverages.coverage_key
        and claims.patient_key = coverages.patient_key
