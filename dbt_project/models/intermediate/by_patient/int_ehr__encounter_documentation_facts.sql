{# What the note of an IV ketamine session holds. #}
{% set fact_names = ['is_iv_ketamine_session', 'missing_documentation_count', 'missing_documentation'] %}
{% set elements = [
    'indication', 'history', 'vitals', 'dose_mg_per_kg', 'rate', 'duration', 'dissociation', 'status_after', 'plan',
] %}

with sessions as (
    select distinct
        administrations.encounter_key,
        administrations.patient_key
    from {{ ref('int_ehr__administrations') }} as administrations
    where
        administrations.drug_name = 'ketamine'
        and administrations.route = 'iv'
        and not administrations.is_entered_in_error
        and {{ in_changed_scopes('administrations.patient_key') }}
),

documented as (
    select
        sessions.encounter_key,
        sessions.patient_key,
        nullif(
            concat_ws(
                '|',
                {% for element in elements -%}
                    case when not documentations.has_{{ element }} then '{{ element }}' end
                    {{- "," if not loop.last }}
                {% endfor -%}
            ), ''
        ) as missing_documentation,
        {% for element in elements -%}
            documentations.has_{{ element }} is not null{{ " and " if not loop.last }}
        {% endfor -%}
            as is_every_element_known
    from sessions
    left join {{ ref('int_ehr__session_documentations') }} as documentations
        on sessions.encounter_key = documentations.encounter_key
),

facts as (
    select
        documented.encounter_key,
        documented.patient_key,
        true as is_iv_ketamine_session,
        cast(
            case
                when documented.missing_documentation is not null
                    then
                        length(documented.missing_documentation)
                        - length(replace(documented.missing_documentation, '|', '')) + 1
                when documented.is_every_element_known then 0
            end as integer
        ) as missing_documentation_count,
        documented.missing_documentation
    from documented
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
