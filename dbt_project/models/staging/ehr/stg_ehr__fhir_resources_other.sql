select
    cast(raw_rows.clinic_id as varchar) as clinic_id,
    cast(raw_rows.resource_type as varchar) as resource_type,
    cast(raw_rows.resource_id as varchar) as resource_id,
    cast(raw_rows.reason_code as varchar) as reason_code,
    cast(raw_rows.column_name as varchar) as column_name,
    cast(raw_rows.resource_text as varchar) as resource_text,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._row_number as bigint) as _row_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('fhir_resource_other') }} as raw_rows
