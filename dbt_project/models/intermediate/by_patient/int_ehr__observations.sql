with newest as (
    select * from {{ current_patient_rows('stg_ehr__observations', 'observation_key') }} as current_rows
),

encounters as (
    select * from {{ ref('int_ehr__encounters') }}
    where {{ in_changed_scopes('patient_key') }}
),

-- a time without offset is the wall clock of the encounter's site
zoned as (
    select
        newest.*,
        encounters.time_zone,
        encounters.service_date as encounter_service_date,
        coalesce(newest.taken_at_utc, {{ zone_to_utc('newest.taken_at_local', 'encounters.time_zone') }})
            as taken_utc
    from newest
    left join encounters
        on
            newest.encounter_key = encounters.encounter_key
            and newest.surviving_patient_key = encounters.patient_key
)

select
    zoned.observation_key,
    zoned.surviving_patient_key as patient_key,
    zoned.encounter_key,
    zoned.clinic_id,
    zoned.observation_id,
    zoned.surviving_patient_id as patient_id,
    zoned.encounter_id,
    lower(zoned.observation_kind) as observation_kind,
    zoned.instrument,
    zoned.item_count,
    zoned.numeric_value,
    zoned.systolic_mmhg,
    zoned.diastolic_mmhg,
    zoned.taken_at_local,
    zoned.taken_utc as taken_at_utc,
    coalesce(
        cast(coalesce({{ utc_to_zone('zoned.taken_utc', 'zoned.time_zone') }}, zoned.taken_at_local) as date),
        zoned.encounter_service_date
    ) as taken_date,
    zoned.scored_by
from zoned
