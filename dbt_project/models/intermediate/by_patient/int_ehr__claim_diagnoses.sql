with claims as (
    select * from {{ ref('int_ehr__claims') }}
    where
        is_standing
        and {{ in_changed_scopes('patient_key') }}
),

listed as (
    {% for position in range(1, 13) -%}
        select
            claims.claim_key,
            claims.patient_key,
            claims.first_service_date,
            {{ position }} as diagnosis_position,
            claims.diagnosis_{{ position }} as diagnosis_code
        from claims
        where claims.diagnosis_{{ position }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

psychiatric as (
    select code_group.code as first_letters from {{ ref('code_group') }} as code_group
    where code_group.group_name = 'icd10_psychiatric_chapter'
)

select
    listed.claim_key,
    listed.patient_key,
    listed.diagnosis_position,
    listed.diagnosis_code,
    reference.code is not null as is_known_code,
    case
        when reference.code is null or listed.first_service_date is null then null
        else
            reference.is_billable
            and {{ is_in_force('listed.first_service_date', 'reference.valid_from', 'reference.valid_to') }}
    end as is_billable_on_service_date,
    psychiatric.first_letters is not null as is_psychiatric
from listed
left join {{ ref('int_reference__codes') }} as reference
    on
        listed.diagnosis_code = reference.code
        and reference.code_system = 'ICD-10-CM'
left join
    psychiatric
    on substr(listed.diagnosis_code, 1, length(psychiatric.first_letters)) = psychiatric.first_letters
