select
    {{ surrogate_key(['raw_rows.clinic_id', 'raw_rows.npi', 'raw_rows.kind', 'raw_rows.number']) }}
        as provider_credential_key,

    cast(raw_rows.clinic_id as varchar) as clinic_id,
    cast(raw_rows.npi as varchar) as npi,
    cast(raw_rows.kind as varchar) as credential_kind,
    cast(raw_rows.number as varchar) as credential_number,
    cast(raw_rows.state as varchar) as state_code,
    cast(raw_rows.payer_id as varchar) as payer_id,
    cast(raw_rows.schedule_iii as boolean) as has_schedule_iii,
    cast(raw_rows.eff_from as date) as effective_from_date,
    cast(raw_rows.eff_to as date) as effective_to_date,
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
from {{ new_raw_rows('provider_credential') }} as raw_rows
