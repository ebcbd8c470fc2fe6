select
    {{ surrogate_key(['raw_rows.clinic_id', 'raw_rows.encounter_id']) }} as encounter_key,

    cast(raw_rows.clinic_id as varchar) as clinic_id,
    cast(raw_rows.encounter_id as varchar) as encounter_id,
    cast(raw_rows.has_indication as boolean) as has_indication,
    cast(raw_rows.has_history as boolean) as has_history,
    cast(raw_rows.has_vitals as boolean) as has_vitals,
    cast(raw_rows.has_dose_mg_per_kg as boolean) as has_dose_mg_per_kg,
    cast(raw_rows.has_rate as boolean) as has_rate,
    cast(raw_rows.has_duration as boolean) as has_duration,
    cast(raw_rows.has_dissociation as boolean) as has_dissociation,
    cast(raw_rows.has_status_after as boolean) as has_status_after,
    cast(raw_rows.has_plan as boolean) as has_plan,
    cast(raw_rows.has_high_bp_note as boolean) as has_high_bp_note,
    cast(raw_rows.em_note_id as varchar) as em_note_id,
    cast(raw_rows.em_note_overlap_pct as decimal(12, 3)) as em_note_overlap_pct,
    cast(raw_rows.source_system as varchar) as source_system,
    cast(raw_rows.record_version as integer) as record_version,
    coalesce(cast(raw_rows.is_deleted as boolean), false) as is_deleted,
    cast(raw_rows.known_from as timestamp) as known_from_local,
    cast(raw_rows.known_from_utc_offset_minutes as integer) as known_from_utc_offset_minutes,
    {{ to_utc('raw_rows.known_from', 'raw_rows.known_from_utc_offset_minutes') }} as known_from_utc,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._row_number as bigint) as _row_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('session_documentation') }} as raw_rows
