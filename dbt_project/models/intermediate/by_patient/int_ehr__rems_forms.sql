with encounters as (
    select * from {{ ref('int_ehr__encounters') }}
    where {{ in_changed_scopes('patient_key') }}
),

newest as (
    select *
    from {{ ranked_versions(
        ref('stg_ehr__rems_forms'), ['encounter_key', 'form_type'],
        condition='versions.encounter_key in (select encounters.encounter_key from encounters)'
    ) }} as versions
    where
        version_rank = 1
        and not is_deleted
)

select
    newest.encounter_key,
    encounters.patient_key,
    newest.clinic_id,
    newest.encounter_id,
    newest.form_type,
    newest.submitted_at_local,
    coalesce(
        newest.submitted_at_utc, {{ zone_to_utc('newest.submitted_at_local', 'encounters.time_zone') }}
    ) as submitted_at_utc,
    cast(
        coalesce(
            {{ utc_to_zone('newest.submitted_at_utc', 'encounters.time_zone') }}, newest.submitted_at_local
        ) as date
    ) as submitted_date
from newest
inner join encounters on newest.encounter_key = encounters.encounter_key
