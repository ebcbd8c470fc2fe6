select
    cast(raw_rows.release_date as date) as release_date,
    cast(raw_rows.code_system as varchar) as code_system,
    cast(raw_rows.code as varchar) as code,
    cast(raw_rows.is_billable as boolean) as is_billable,
    cast(raw_rows.add_date as date) as add_date,
    cast(raw_rows.action_effective_date as date) as action_effective_date,
    cast(raw_rows.termination_date as date) as termination_date,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._row_number as bigint) as _row_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('reference_code') }} as raw_rows
