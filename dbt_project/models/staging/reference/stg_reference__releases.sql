select
    cast(raw_rows.reference_table as varchar) as reference_table,
    cast(raw_rows.release_date as date) as release_date,
    cast(raw_rows.covers_to_date as date) as covers_to_date,
    cast(raw_rows.row_count as bigint) as row_count,
    cast(raw_rows.release_stated_by as varchar) as release_stated_by,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._row_number as bigint) as _row_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('reference_release') }} as raw_rows
