select
    cast(raw_rows.clinic_id as varchar) as clinic_id,
    cast(raw_rows.site_id as varchar) as site_id,
    cast(raw_rows.npi as varchar) as site_npi,
    cast(raw_rows.pos_default as varchar) as default_place_of_service_code,
    cast(raw_rows.state as varchar) as state_code,
    cast(raw_rows.timezone as varchar) as time_zone,
    cast(raw_rows.rems_site_id as varchar) as rems_site_id,
    cast(raw_rows.rems_from as date) as rems_from_date,
    cast(raw_rows.rems_to as date) as rems_to_date,
    cast(raw_rows.ownership as varchar) as ownership_kind,
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
from {{ new_raw_rows('site') }} as raw_rows
