select
    cast(raw_rows.st_index as integer) as st_index,
    cast(raw_rows.sequence as integer) as sequence,
    cast(raw_rows.provider_id as varchar) as provider_id,
    cast(raw_rows.fiscal_period_date as date) as fiscal_period_date,
    cast(raw_rows.reason_code as varchar) as reason_code,
    cast(raw_rows.reference_id as varchar) as reference_id,
    cast(raw_rows.adjustment_amount as decimal(18, 2)) as adjustment_amount,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._segment_number as bigint) as _segment_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('remit_provider_adjustment') }} as raw_rows
