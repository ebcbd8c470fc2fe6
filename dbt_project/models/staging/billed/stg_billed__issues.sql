select
    cast(raw_rows.st_index as integer) as st_index,
    cast(raw_rows.claim_index as integer) as claim_index,
    cast(raw_rows.line_index as integer) as line_index,
    cast(raw_rows.code as varchar) as code,
    cast(raw_rows.severity as varchar) as severity,
    cast(raw_rows.element as varchar) as element,
    cast(raw_rows.byte_offset as bigint) as byte_offset,
    cast(raw_rows.message as varchar) as message,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._segment_number as bigint) as _segment_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('billed_issue') }} as raw_rows
