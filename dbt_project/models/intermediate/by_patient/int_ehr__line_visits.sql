{# The visit behind a line: the encounter it names, else the only one of patient and date that was held. #}

with claim_lines as (
    select
        claim_line_key,
        patient_key,
        encounter_key,
        service_date
    from {{ ref('int_ehr__claim_lines') }}
    where
        is_standing
        and {{ in_changed_scopes('patient_key') }}
),

encounters as (
    select
        encounters.*,
        not_held.code is null as is_held
    from {{ ref('int_ehr__encounters') }} as encounters
    left join {{ ref('code_group') }} as not_held
        on
            not_held.group_name = 'encounter_not_held'
            and lower(encounters.encounter_status) = not_held.code
    where {{ in_changed_scopes('encounters.patient_key') }}
),

only_ones as (
    select
        encounters.patient_key,
        encounters.service_date,
        min(encounters.encounter_key) as encounter_key
    from encounters
    where encounters.is_held
    group by encounters.patient_key, encounters.service_date
    having count(*) = 1
),

matched as (
    select
        claim_lines.claim_line_key,
        claim_lines.encounter_key
    from claim_lines
    where claim_lines.encounter_key is not null
    union all
    select
        claim_lines.claim_line_key,
        only_ones.encounter_key
    from claim_lines
    inner join only_ones
        on
            claim_lines.patient_key = only_ones.patient_key
            and claim_lines.service_date = only_ones.service_date
    where claim_lines.encounter_key is null
),

-- one entry without minutes makes the minutes of its activity unknown
logged as (
    select
        {% for activity in ['em', 'psychotherapy', 'prolonged_staff'] -%}
            case
                when
                    count(
                        case
                            when
                                time_logs.activity_code = '{{ activity }}'
                                and time_logs.activity_minutes is null
                                then 1
                        end
                    ) = 0
                    then sum(
                        case
                            when time_logs.activity_code = '{{ activity }}' then time_logs.activity_minutes
                        end
                    )
            end as {{ activity }}_minutes,
        {% endfor -%}
        time_logs.patient_key,
        time_logs.encounter_key
    from {{ ref('int_ehr__time_logs') }} as time_logs
    where
        time_logs.encounter_key is not null
        and {{ in_changed_scopes('time_logs.patient_key') }}
    group by time_logs.patient_key, time_logs.encounter_key
)

select
    claim_lines.claim_line_key,
    claim_lines.patient_key,
    encounters.encounter_key,
    encounters.encounter_mode,
    encounters.patient_state_code,
    encounters.supervising_npi,
    encounters.was_supervisor_on_site,
    encounters.note_id,
    encounters.signed_at_utc,
    encounters.amended_at_utc,
    encounters.em_basis,
    encounters.provider_group_id,
    encounters.specialty,
    cast(coalesce(encounters.em_minutes, logged.em_minutes) as integer) as em_minutes,
    cast(logged.psychotherapy_minutes as integer) as psychotherapy_minutes,
    cast(logged.prolonged_staff_minutes as integer) as prolonged_staff_minutes,
    {{ minutes_between('encounters.start_at_utc', 'encounters.end_at_utc') }} as face_minutes
from claim_lines
left join matched on claim_lines.claim_line_key = matched.claim_line_key
left join encounters
    on
        matched.encounter_key = encounters.encounter_key
        and claim_lines.patient_key = encounters.patient_key
left join logged
    on
        encounters.encounter_key = logged.encounter_key
        and encounters.patient_key = logged.patient_key
