select
    cast(raw_rows.release_date as date) as release_date,
    cast(raw_rows.code_type as varchar) as code_type,
    cast(raw_rows.code as varchar) as code,
    cast(raw_rows.start_date as date) as start_date,
    cast(raw_rows.last_modified_date as date) as last_modified_date,
    cast(raw_rows.stop_date as date) as stop_date,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._row_number as bigint) as _row_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('reference_reason_code') }} as raw_rows
