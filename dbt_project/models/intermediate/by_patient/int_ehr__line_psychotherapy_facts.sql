{# Psychotherapy lines: their minutes, the visit beside them, the observation they may lie in. #}
{% set fact_names = [
    'psychotherapy_minutes', 'minutes_outside_band', 'psychotherapy_form', 'expected_psychotherapy_form',
    'same_clinician_em_line_count', 'same_clinician_observation_line_count',
    'other_clinician_observation_line_count', 'therapy_observation_overlap_minutes',
] %}

with grouped as (
    select
        claim_lines.claim_line_key,
        {{ has_group('code_group', 'psychotherapy_addon') }} as is_addon,
        {{ has_group('code_group', 'psychotherapy_alone') }} as is_alone,
        {{ has_group('code_group', 'em_office') }} as is_em,
        {{ has_group('code_group', 'observation_claimed') }} as is_observation
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('code_group') }} as code_group
        on
            claim_lines.procedure_code = code_group.code
            and code_group.group_name in (
                'psychotherapy_addon', 'psychotherapy_alone', 'em_office', 'observation_claimed'
            )
            and {{ is_in_force('claim_lines.service_date', 'code_group.valid_from', 'code_group.valid_to') }}
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
    group by claim_lines.claim_line_key
),

day_lines as (
    select
        grouped.*,
        claim_lines.patient_key,
        claim_lines.service_date,
        claim_lines.procedure_code,
        claim_lines.rendering_npi
    from grouped
    inner join {{ ref('int_ehr__claim_lines') }} as claim_lines
        on grouped.claim_line_key = claim_lines.claim_line_key
),

therapy_lines as (
    select
        day_lines.*,
        visits.encounter_key,
        visits.psychotherapy_minutes
    from day_lines
    inner join {{ ref('int_ehr__line_visits') }} as visits on day_lines.claim_line_key = visits.claim_line_key
    where day_lines.is_addon or day_lines.is_alone
),

beside as (
    select
        {% for kind in ['em', 'observation'] -%}
            count(
                case
                    when others.is_{{ kind }} and others.rendering_npi = therapy_lines.rendering_npi then 1
                end
            ) as same_{{ kind }}_count,
            count(
                case
                    when others.is_{{ kind }} and others.rendering_npi <> therapy_lines.rendering_npi then 1
                end
            ) as other_{{ kind }}_count,
            count(
                case
                    when
                        others.is_{{ kind }}
                        and (others.rendering_npi is null or therapy_lines.rendering_npi is null)
                        then 1
                end
            ) as unknown_{{ kind }}_count,
        {% endfor -%}
        therapy_lines.claim_line_key
    from therapy_lines
    inner join day_lines as others
        on
            therapy_lines.patient_key = others.patient_key
            and therapy_lines.service_date = others.service_date
    group by therapy_lines.claim_line_key
),

therapy_logs as (
    select
        time_logs.patient_key,
        time_logs.encounter_key,
        time_logs.start_at_utc,
        time_logs.end_at_utc
    from {{ ref('int_ehr__time_logs') }} as time_logs
    where
        time_logs.activity_code = 'psychotherapy'
        and time_logs.encounter_key is not null
        and {{ in_changed_scopes('time_logs.patient_key') }}
),

doses as (
    select
        administrations.patient_key,
        administrations.service_date,
        coalesce(administrations.last_device_at_utc, administrations.start_at_utc) as dose_at_utc
    from {{ ref('int_ehr__administrations') }} as administrations
    where
        not administrations.is_entered_in_error
        and {{ in_changed_scopes('administrations.patient_key') }}
),

-- the longest stretch of an entry within the observation of a dose of the date; unknown times make it unknown
watched as (
    select
        therapy_lines.claim_line_key,
        max({{ shared_minutes(
            'therapy_logs.start_at_utc', 'therapy_logs.end_at_utc', 'doses.dose_at_utc',
            "doses.dose_at_utc + interval '1' minute * cast("
            ~ threshold('observation_minutes', 'therapy_lines.service_date') ~ ' as integer)'
        ) }}) as overlap_minutes,
        count(
            case
                when
                    therapy_logs.start_at_utc is null
                    or therapy_logs.end_at_utc is null
                    or doses.dose_at_utc is null
                    then 1
            end
        ) as unknown_count
    from therapy_lines
    inner join therapy_logs
        on
            therapy_lines.patient_key = therapy_logs.patient_key
            and therapy_lines.encounter_key = therapy_logs.encounter_key
    inner join doses
        on
            therapy_lines.patient_key = doses.patient_key
            and therapy_lines.service_date = doses.service_date
    group by therapy_lines.claim_line_key
),

counted as (
    select
        therapy_lines.*,
        case
            when beside.claim_line_key is not null
                then {{ certain_count('beside.same_em_count', 'beside.unknown_em_count') }}
        end as em_count,
        case
            when beside.claim_line_key is not null
                then {{ certain_count(
                    'beside.same_observation_count', 'beside.unknown_observation_count'
                ) }}
        end as observation_count,
        beside.other_observation_count
    from therapy_lines
    left join beside on therapy_lines.claim_line_key = beside.claim_line_key
),

facts as (
    select
        counted.claim_line_key,
        counted.patient_key,
        counted.psychotherapy_minutes,
        case
            when counted.psychotherapy_minutes < bands.min_minutes
                then bands.min_minutes - counted.psychotherapy_minutes
            when counted.psychotherapy_minutes > bands.max_minutes
                then counted.psychotherapy_minutes - bands.max_minutes
            when counted.psychotherapy_minutes is not null and bands.code is not null then 0
        end as minutes_outside_band,
        case when counted.is_addon then 'addon' else 'alone' end as psychotherapy_form,
        case when counted.em_count > 0 then 'addon' when counted.em_count = 0 then 'alone' end
            as expected_psychotherapy_form,
        counted.em_count as same_clinician_em_line_count,
        counted.observation_count as same_clinician_observation_line_count,
        cast(counted.other_observation_count as integer) as other_clinician_observation_line_count,
        cast(
            case
                when watched.overlap_minutes > 0 or watched.unknown_count = 0 then watched.overlap_minutes
            end as integer
        ) as therapy_observation_overlap_minutes
    from counted
    left join watched on counted.claim_line_key = watched.claim_line_key
    left join {{ ref('code_minute_band') }} as bands
        on
            counted.procedure_code = bands.code
            and bands.activity_code = 'psychotherapy'
            and {{ is_in_force('counted.service_date', 'bands.valid_from', 'bands.valid_to') }}
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
