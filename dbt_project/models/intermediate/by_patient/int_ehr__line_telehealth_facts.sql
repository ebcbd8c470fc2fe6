{# Lines of telehealth visits, and lines of dosing, which none can be. #}
{% set fact_names = [
    'is_telehealth_line', 'telehealth_mode', 'billed_place_of_service', 'telehealth_fault_count',
    'is_dosing_line', 'telehealth_mark_count', 'licences_in_patient_state',
] %}
{% set groups = {
    'has_telehealth_modifier': 'telehealth_modifier', 'has_dosing_modifier': 'telehealth_modifier_on_dosing',
    'has_audio_modifier': 'telehealth_audio_modifier',
} %}

with claim_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.clinic_id,
        claim_lines.service_date,
        claim_lines.rendering_npi,
        claim_lines.modifier_1,
        claim_lines.modifier_2,
        claim_lines.modifier_3,
        claim_lines.modifier_4,
        claims.line_of_business,
        claims.place_of_service_code,
        visits.encounter_mode,
        visits.patient_state_code,
        policies.telehealth_mod_policy,
        policies.telehealth_pos_policy,
        modes.code is not null as is_telehealth_visit,
        visit_codes.code is not null as is_telehealth_code,
        dosing.code is not null as is_dosing,
        places.code is not null as is_telehealth_place,
        offices.code is not null as is_office_place,
        medicare.code is not null as is_medicare
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_visits') }} as visits
        on claim_lines.claim_line_key = visits.claim_line_key
    inner join {{ ref('int_ehr__line_policies') }} as policies
        on claim_lines.claim_line_key = policies.claim_line_key
    left join {{ ref('code_group') }} as modes
        on modes.group_name = 'telehealth_mode' and visits.encounter_mode = modes.code
    left join {{ ref('code_group') }} as visit_codes
        on visit_codes.group_name = 'telehealth_visit_code' and claim_lines.procedure_code = visit_codes.code
    left join {{ ref('code_group') }} as dosing
        on dosing.group_name = 'telehealth_excluded_dosing' and claim_lines.procedure_code = dosing.code
    left join {{ ref('code_group') }} as places
        on places.group_name = 'telehealth_place' and claims.place_of_service_code = places.code
    left join {{ ref('code_group') }} as offices
        on offices.group_name = 'telehealth_place_office' and claims.place_of_service_code = offices.code
    left join {{ ref('code_group') }} as medicare
        on
            medicare.group_name = 'telehealth_medicare_line_of_business'
            and claims.line_of_business = medicare.code
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

modifiers as (
    {% for position in range(1, 5) -%}
        select
            claim_lines.claim_line_key,
            claim_lines.telehealth_mod_policy,
            claim_lines.modifier_{{ position }} as modifier
        from claim_lines
        where claim_lines.modifier_{{ position }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

marked as (
    select
        modifiers.claim_line_key,
        {% for column, group_name in groups.items() -%}
            {{ has_group('code_group', group_name) }} as {{ column }},
        {% endfor -%}
        count(
            case when {{ list_holds('modifiers.telehealth_mod_policy', 'modifiers.modifier') }} then 1 end
        ) > 0
            as has_policy_modifier
    from modifiers
    left join {{ ref('code_group') }} as code_group on modifiers.modifier = code_group.code
    group by modifiers.claim_line_key
),

-- a line whose visit does not say how it was held may be telehealth when it is billed so
topic_lines as (
    select
        claim_lines.*,
        {% for column in groups -%}
            coalesce(marked.{{ column }}, false) as {{ column }},
        {% endfor -%}
        coalesce(marked.has_policy_modifier, false) as has_policy_modifier,
        claim_lines.is_telehealth_visit
        or claim_lines.is_telehealth_code
        or (
            claim_lines.encounter_mode is null
            and (claim_lines.is_telehealth_place or coalesce(marked.has_telehealth_modifier, false))
        ) as is_telehealth
    from claim_lines
    left join marked on claim_lines.claim_line_key = marked.claim_line_key
),

licences as (
    select
        topic_lines.claim_line_key,
        count(*) as licence_count
    from topic_lines
    inner join {{ ref('int_ehr__provider_credentials') }} as credentials
        on
            topic_lines.clinic_id = credentials.clinic_id
            and topic_lines.rendering_npi = credentials.npi
            and upper(topic_lines.patient_state_code) = upper(credentials.state_code)
            and {{ is_in_force(
                'topic_lines.service_date', 'credentials.effective_from_date', 'credentials.effective_to_date'
            ) }}
    where
        topic_lines.is_telehealth
        and topic_lines.service_date is not null
        and credentials.credential_kind = 'state_licence'
    group by topic_lines.claim_line_key
),

delivered as (
    select distinct credentials.clinic_id
    from {{ ref('int_ehr__provider_credentials') }} as credentials
    where credentials.credential_kind = 'state_licence'
),

-- what the mode asks for: Medicare's rules are the same everywhere, the others are the payer's policy
asked as (
    select
        topic_lines.*,
        case
            when topic_lines.place_of_service_code is null then null
            when topic_lines.is_medicare then not topic_lines.is_telehealth_place
            when topic_lines.telehealth_pos_policy is not null
                then not (
                    {{ list_holds('topic_lines.telehealth_pos_policy', 'topic_lines.place_of_service_code') }}
                )
            else topic_lines.is_office_place
        end as is_place_wrong,
        case
            when topic_lines.encounter_mode is null or topic_lines.line_of_business is null then null
            when topic_lines.is_medicare
                then topic_lines.encounter_mode = 'audio' and not topic_lines.has_audio_modifier
            when topic_lines.encounter_mode = 'audio' and topic_lines.has_audio_modifier then false
            when topic_lines.telehealth_mod_policy is not null then not topic_lines.has_policy_modifier
        end as is_modifier_wrong,
        case
            when topic_lines.line_of_business is not null or not topic_lines.is_telehealth_code
                then topic_lines.is_medicare and topic_lines.is_telehealth_code
        end as is_code_denied
    from topic_lines
    where topic_lines.is_telehealth or topic_lines.is_dosing
),

facts as (
    select
        asked.claim_line_key,
        asked.patient_key,
        asked.is_telehealth as is_telehealth_line,
        asked.encounter_mode as telehealth_mode,
        asked.place_of_service_code as billed_place_of_service,
        case
            when asked.is_telehealth
                then {{ count_of_true([
                    'asked.is_place_wrong', 'asked.is_modifier_wrong', 'asked.is_code_denied'
                ]) }}
        end as telehealth_fault_count,
        asked.is_dosing as is_dosing_line,
        case
            when asked.is_dosing
                then {{ count_of_true([
                    'case when asked.place_of_service_code is not null then asked.is_telehealth_place end',
                    'asked.has_dosing_modifier',
                ]) }}
        end as telehealth_mark_count,
        cast(
            case
                when
                    asked.is_telehealth
                    and asked.patient_state_code is not null
                    and asked.rendering_npi is not null
                    and asked.service_date is not null
                    and delivered.clinic_id is not null
                    then coalesce(licences.licence_count, 0)
            end as integer
        ) as licences_in_patient_state
    from asked
    left join licences on asked.claim_line_key = licences.claim_line_key
    left join delivered on asked.clinic_id = delivered.clinic_id
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
