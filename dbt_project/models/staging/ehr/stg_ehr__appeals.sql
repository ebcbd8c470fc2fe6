select
    {{ surrogate_key(['raw_rows.clinic_id', 'raw_rows.appeal_id']) }} as appeal_key,
    {{ surrogate_key(['raw_rows.clinic_id', 'raw_rows.claim_id']) }} as claim_key,
    {{ surrogate_key(['raw_rows.clinic_id', 'raw_rows.claim_id', 'raw_rows.line_no']) }} as claim_line_key,

    cast(raw_rows.clinic_id as varchar) as clinic_id,
    cast(raw_rows.appeal_id as varchar) as appeal_id,
    cast(raw_rows.claim_id as varchar) as claim_id,
    cast(raw_rows.line_no as integer) as line_number,
    cast(raw_rows.level as integer) as appeal_level,
    cast(raw_rows.sent_on as date) as sent_date,
    cast(raw_rows.decided_on as date) as decided_date,
    cast(raw_rows.outcome as varchar) as appeal_outcome,
    cast(raw_rows.requested_amount as decimal(12, 2)) as requested_amount,
    cast(raw_rows.recovered_amount as decimal(12, 2)) as recovered_amount,
    cast(raw_rows.reason as varchar) as appeal_reason,
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
from {{ new_raw_rows('appeal') }} as raw_rows
