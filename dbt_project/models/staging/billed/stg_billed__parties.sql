select
    cast(raw_rows.st_index as integer) as st_index,
    cast(raw_rows.claim_index as integer) as claim_index,
    cast(raw_rows.line_index as integer) as line_index,
    cast(raw_rows.other_payer_index as integer) as other_payer_index,
    cast(raw_rows.loop_id as varchar) as loop_id,
    cast(raw_rows.entity_code as varchar) as entity_code,
    cast(raw_rows.entity_type_code as varchar) as entity_type_code,
    cast(raw_rows.name_last_or_org as varchar) as name_last_or_org,
    cast(raw_rows.name_first as varchar) as name_first,
    cast(raw_rows.name_middle as varchar) as name_middle,
    cast(raw_rows.name_prefix as varchar) as name_prefix,
    cast(raw_rows.name_suffix as varchar) as name_suffix,
    cast(raw_rows.id_qualifier as varchar) as id_qualifier,
    cast(raw_rows.party_id as varchar) as party_id,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._segment_number as bigint) as _segment_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('billed_party') }} as raw_rows
