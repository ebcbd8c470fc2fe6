select
    {{ surrogate_key(['raw_rows.clinic_id', 'raw_rows.prescription_id']) }} as prescription_key,
    {{ surrogate_key(['raw_rows.clinic_id', 'raw_rows.patient_id']) }} as patient_key,
    {{ surrogate_key(['raw_rows.clinic_id', 'raw_rows.encounter_id']) }} as encounter_key,

    cast(raw_rows.clinic_id as varchar) as clinic_id,
    cast(raw_rows.prescription_id as varchar) as prescription_id,
    cast(raw_rows.patient_id as varchar) as patient_id,
    cast(raw_rows.encounter_id as varchar) as encounter_id,
    cast(raw_rows.prescriber_npi as varchar) as prescriber_npi,
    cast(raw_rows.drug as varchar) as drug_name,
    cast(raw_rows.route as varchar) as route,
    cast(raw_rows.prescribed_on as date) as prescribed_date,
    cast(raw_rows.is_for_home as boolean) as is_for_home,
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
from {{ new_raw_rows('prescription') }} as raw_rows
