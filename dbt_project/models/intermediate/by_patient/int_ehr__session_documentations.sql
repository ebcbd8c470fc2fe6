with encounters as (
    select * from {{ ref('int_ehr__encounters') }}
    where {{ in_changed_scopes('patient_key') }}
),

newest as (
    select *
    from {{ ranked_versions(
        ref('stg_ehr__session_documentations'), ['encounter_key'],
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
    newest.has_indication,
    newest.has_history,
    newest.has_vitals,
    newest.has_dose_mg_per_kg,
    newest.has_rate,
    newest.has_duration,
    newest.has_dissociation,
    newest.has_status_after,
    newest.has_plan,
    newest.has_high_bp_note,
    newest.em_note_id,
    newest.em_note_overlap_pct
from newest
inner join encounters on newest.encounter_key = encounters.encounter_key
