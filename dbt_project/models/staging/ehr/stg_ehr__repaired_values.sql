select
    cast(raw_rows.table_name as varchar) as table_name,
    cast(raw_rows.column_name as varchar) as column_name,
    cast(raw_rows.source_column as varchar) as source_column,
    cast(raw_rows.source_text as varchar) as source_text,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._row_number as bigint) as _row_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('repaired_value') }} as raw_rows
