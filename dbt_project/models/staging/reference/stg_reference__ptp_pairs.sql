select
    cast(raw_rows.release_date as date) as release_date,
    cast(raw_rows.column_1_code as varchar) as column_1_code,
    cast(raw_rows.column_2_code as varchar) as column_2_code,
    cast(raw_rows.is_older_than_1996 as boolean) as is_older_than_1996,
    cast(raw_rows.effective_date as date) as effective_date,
    cast(raw_rows.deletion_date as date) as deletion_date,
    cast(raw_rows.modifier_indicator as varchar) as modifier_indicator,
    cast(raw_rows.rationale as varchar) as rationale,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._row_number as bigint) as _row_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('reference_ptp_pair') }} as raw_rows
