{% set groups = {
    'is_per_mg_drug_code': 'esketamine_per_mg',
    'is_bundle_code': 'esketamine_bundle',
    'is_patisiran_code': 'patisiran_trap',
    'is_bundle_excluded_service': 'bundle_excluded_service',
    'is_em_needing_25': 'em_needs_25',
    'is_initial_procedure': 'infusion_injection_initial',
} %}

with claim_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
    where
        is_standing
        and {{ in_changed_scopes('patient_key') }}
),

code_group as (
    select * from {{ ref('code_group') }}
),

separate_em as (
    select claim_lines.claim_line_key
    from claim_lines
    inner join code_group
        on
            code_group.group_name = 'modifier_separate_em'
            and code_group.code in (
                claim_lines.modifier_1, claim_lines.modifier_2, claim_lines.modifier_3, claim_lines.modifier_4
            )
    group by claim_lines.claim_line_key
)

select
    claim_lines.claim_line_key,
    claim_lines.patient_key,
    {% for column in groups -%}
        {{ column }}_group.code is not null as {{ column }},
    {% endfor -%}
    separate_em.claim_line_key is not null as has_modifier_25,
    drugs.drug_name as line_drug_name,
    case when drugs.is_authorised_drug_code then drugs.drug_name end as authorised_drug,
    drugs.mg_per_unit,
    reference.code is not null as is_known_code,
    reference.valid_from as code_effective_from_date,
    reference.valid_to as code_effective_to_date
from claim_lines
{% for column, group_name in groups.items() -%}
    left join code_group as {{ column }}_group
        on
            {{ column }}_group.group_name = '{{ group_name }}'
            and claim_lines.procedure_code = {{ column }}_group.code
            and {{ is_in_force(
                'claim_lines.service_date', column ~ '_group.valid_from', column ~ '_group.valid_to'
            ) }}
{% endfor -%}
left join separate_em on claim_lines.claim_line_key = separate_em.claim_line_key
left join {{ ref('code_drug') }} as drugs
    on
        claim_lines.procedure_code = drugs.code
        and {{ is_in_force('claim_lines.service_date', 'drugs.valid_from', 'drugs.valid_to') }}
left join {{ ref('int_reference__codes') }} as reference
    on
        claim_lines.procedure_code = reference.code
        and reference.code_system in ('CPT', 'HCPCS')
