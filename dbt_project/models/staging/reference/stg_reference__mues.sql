select
    cast(raw_rows.release_date as date) as release_date,
    cast(raw_rows.code as varchar) as code,
    cast(raw_rows.mue_units as integer) as mue_units,
    cast(raw_rows.adjudication_indicator as varchar) as adjudication_indicator,
    cast(raw_rows.rationale as varchar) as rationale,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._row_number as bigint) as _row_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('reference_mue') }} as raw_rows
