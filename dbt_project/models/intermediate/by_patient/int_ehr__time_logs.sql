with encounters as (
    select * from {{ ref('int_ehr__encounters') }}
    where {{ in_changed_scopes('patient_key') }}
),

-- an entry belongs to the patient it names, else to the patient of its encounter
touched as (
    select time_logs.time_log_key
    from {{ ref('stg_ehr__time_logs') }} as time_logs
    where
        {{ in_changed_scopes('time_logs.patient_key') }}
        or time_logs.encounter_key in (select encounters.encounter_key from encounters)
),

newest as (
    select
        newest_rows.*,
        {{ surviving_patient('newest_rows') }}
    from {{ ranked_versions(
        ref('stg_ehr__time_logs'), ['time_log_key'],
        condition='versions.time_log_key in (select touched.time_log_key from touched)'
    ) }} as newest_rows
    left join {{ ref('int_ehr__patient_identities') }} as identities
        on newest_rows.patient_key = identities.patient_key
    where
        newest_rows.version_rank = 1
        and not newest_rows.is_deleted
),

zoned as (
    select
        newest.*,
        coalesce(newest.surviving_patient_key, encounters.patient_key) as log_patient_key,
        coalesce(newest.surviving_patient_id, encounters.patient_id) as log_patient_id,
        encounters.time_zone,
        {% for moment in ['start', 'end'] -%}
            coalesce(
                newest.{{ moment }}_at_utc,
                {{ zone_to_utc('newest.' ~ moment ~ '_at_local', 'encounters.time_zone') }}
            ) as {{ moment }}_utc,
        {% endfor -%}
        encounters.service_date as encounter_service_date
    from newest
    left join encounters
        on
            newest.encounter_key = encounters.encounter_key
            and coalesce(newest.surviving_patient_key, encounters.patient_key) = encounters.patient_key
)

select
    zoned.time_log_key,
    zoned.log_patient_key as patient_key,
    zoned.encounter_key,
    zoned.clinic_id,
    zoned.time_id,
    zoned.log_patient_id as patient_id,
    zoned.encounter_id,
    zoned.npi,
    lower(zoned.activity_code) as activity_code,
    coalesce(
        cast(coalesce({{ utc_to_zone('zoned.start_utc', 'zoned.time_zone') }}, zoned.start_at_local) as date),
        zoned.encounter_service_date
    ) as service_date,
    zoned.service_month,
    zoned.start_at_local,
    zoned.end_at_local,
    zoned.start_utc as start_at_utc,
    zoned.end_utc as end_at_utc,
    zoned.activity_minutes as activity_minutes_as_sent,
    -- wall clocks of one place give the same difference when its zone is unknown
    coalesce(
        zoned.activity_minutes,
        {{ minutes_between('zoned.start_utc', 'zoned.end_utc') }},
        {{ minutes_between('zoned.start_at_local', 'zoned.end_at_local') }}
    ) as activity_minutes
from zoned
where {{ in_changed_scopes('zoned.log_patient_key') }}
