select
    cast(raw_rows.finding_id as varchar) as finding_id,
    cast(raw_rows.reason as varchar) as reason,
    cast(raw_rows.waived_by as varchar) as waived_by,
    cast(raw_rows.waived_at as timestamp) as waived_at,
    cast(raw_rows.expires_on as date) as expires_on,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id
from {{ new_raw_rows('waiver') }} as raw_rows
