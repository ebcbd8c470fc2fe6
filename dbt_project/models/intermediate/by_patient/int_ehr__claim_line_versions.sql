with claims as (
    select * from {{ ref('int_ehr__claim_versions') }}
    where {{ in_changed_scopes('patient_key') }}
),

newest as (
    select *
    from {{ ranked_versions(
        ref('stg_ehr__claim_lines'), ['claim_line_key', 'claim_version'],
        condition='versions.claim_key in (select claims.claim_key from claims)'
    ) }} as versions
    where
        version_rank = 1
        and not is_deleted
)

select
    newest.claim_line_key,
    newest.claim_key,
    claims.patient_key,
    newest.encounter_key,
    newest.administration_key,
    newest.clinic_id,
    newest.claim_id,
    newest.claim_version,
    newest.line_number,
    newest.line_control_number,
    claims.is_standing,
    newest.service_date,
    coalesce(newest.service_to_date, newest.service_date) as service_to_date,
    {{ normalised_code('newest.procedure_code') }} as procedure_code,
    {% for position in range(1, 5) -%}
        {{ normalised_code('newest.modifier_' ~ position) }} as modifier_{{ position }},
    {% endfor -%}
    newest.billed_units,
    newest.charge_amount,
    coalesce(newest.rendering_npi, claims.rendering_npi) as rendering_npi,
    newest.encounter_id,
    newest.administration_id,
    newest.revenue_code,
    newest.ndc11,
    newest.ndc_quantity,
    newest.ndc_unit_code,
    newest.ndc_qualifier_code,
    newest.noc_text,
    newest.diagnosis_pointer_1,
    newest.diagnosis_pointer_2,
    newest.diagnosis_pointer_3,
    newest.diagnosis_pointer_4
from newest
inner join claims
    on
        newest.claim_key = claims.claim_key
        and newest.claim_version = claims.claim_version
