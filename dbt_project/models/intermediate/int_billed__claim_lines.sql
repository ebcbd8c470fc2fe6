with claims as (
    select * from {{ ref('int_billed__claims') }}
    where is_current
),

claim_lines as (
    select * from {{ ref('stg_billed__claim_lines') }}
)

select
    claims.claim_key,
    claims.patient_key,
    claims.clinic_id,
    claims.claim_id,
    claims.is_in_ehr,
    claim_lines.line_index,
    coalesce(try_cast(claim_lines.line_number as integer), claim_lines.line_index) as line_number,
    nullif(trim(claim_lines.line_control_number), '') as line_control_number,
    coalesce(claim_lines.service_from_date, claims.service_from_date) as service_date,
    coalesce(claim_lines.service_to_date, claim_lines.service_from_date, claims.service_from_date)
        as service_to_date,
    {{ normalised_code('claim_lines.procedure_code') }} as procedure_code,
    {% for position in range(1, 5) -%}
        {{ normalised_code('claim_lines.modifier_' ~ position) }} as modifier_{{ position }},
    {% endfor -%}
    cast(claim_lines.billed_units as decimal(12, 3)) as billed_units,
    cast(claim_lines.charge_amount as decimal(12, 2)) as charge_amount,
    coalesce(claim_lines.rendering_npi, claims.rendering_npi) as rendering_npi,
    nullif(regexp_replace(claim_lines.ndc, '[^0-9]', '', 'g'), '') as ndc11,
    cast(claim_lines.ndc_quantity as decimal(12, 3)) as ndc_quantity,
    claim_lines.ndc_unit_code,
    case when claim_lines.ndc is not null then 'N4' end as ndc_qualifier_code,
    {% for position in range(1, 5) -%}
        try_cast(claim_lines.diagnosis_pointer_{{ position }} as integer) as diagnosis_pointer_{{ position }},
    {% endfor -%}
    claim_lines.noc_text
from claims
inner join claim_lines
    on
        claims._file_sha256 = claim_lines._file_sha256
        and claims.st_index = claim_lines.st_index
        and claims.claim_index = claim_lines.claim_index
