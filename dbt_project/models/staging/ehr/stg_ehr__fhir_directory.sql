select
    cast(raw_rows.clinic_id as varchar) as clinic_id,
    cast(raw_rows.resource_type as varchar) as resource_type,
    cast(raw_rows.resource_id as varchar) as resource_id,
    cast(raw_rows.npi as varchar) as npi,
    cast(raw_rows.name as varchar) as resource_name,
    cast(raw_rows.ndc11 as varchar) as ndc11,
    cast(raw_rows.taxonomy as varchar) as taxonomy_code,
    cast(raw_rows.points_to as varchar) as points_to,
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
from {{ new_raw_rows('fhir_directory') }} as raw_rows
