select
    cast(raw_rows.st_index as integer) as st_index,
    cast(raw_rows.claim_index as integer) as claim_index,
    cast(raw_rows.line_index as integer) as line_index,
    cast(raw_rows.other_payer_index as integer) as other_payer_index,
    cast(raw_rows.loop_id as varchar) as loop_id,
    cast(raw_rows.qualifier as varchar) as qualifier,
    cast(raw_rows.amount as decimal(18, 2)) as amount,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._segment_number as bigint) as _segment_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('billed_amount') }} as raw_rows
