select
    cast(raw_rows.st_index as integer) as st_index,
    cast(raw_rows.claim_index as integer) as claim_index,
    cast(raw_rows.line_index as integer) as line_index,
    cast(raw_rows.source as varchar) as source,
    cast(raw_rows.sequence as integer) as sequence,
    cast(raw_rows.qualifier as varchar) as qualifier,
    cast(raw_rows.rarc as varchar) as rarc,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._segment_number as bigint) as _segment_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('remit_remark') }} as raw_rows
