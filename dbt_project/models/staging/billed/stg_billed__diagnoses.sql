select
    cast(raw_rows.st_index as integer) as st_index,
    cast(raw_rows.claim_index as integer) as claim_index,
    cast(raw_rows.position as integer) as position,
    cast(raw_rows.qualifier as varchar) as qualifier,
    cast(raw_rows.diagnosis_code as varchar) as diagnosis_code,
    cast(raw_rows.code_as_sent as varchar) as code_as_sent,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._segment_number as bigint) as _segment_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('billed_diagnosis') }} as raw_rows
