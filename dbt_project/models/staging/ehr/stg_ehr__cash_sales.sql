select
    {{ surrogate_key(['raw_rows.clinic_id', 'raw_rows.sale_id']) }} as cash_sale_key,
    {{ surrogate_key(['raw_rows.clinic_id', 'raw_rows.patient_id']) }} as patient_key,
    {{ surrogate_key(['raw_rows.clinic_id', 'raw_rows.encounter_id']) }} as encounter_key,

    cast(raw_rows.clinic_id as varchar) as clinic_id,
    cast(raw_rows.sale_id as varchar) as sale_id,
    cast(raw_rows.patient_id as varchar) as patient_id,
    cast(raw_rows.package_id as varchar) as package_id,
    cast(raw_rows.kind as varchar) as sale_kind,
    cast(raw_rows.sold_on as date) as sold_date,
    cast(raw_rows.sessions as integer) as session_count,
    cast(raw_rows.amount as decimal(12, 2)) as sale_amount,
    cast(raw_rows.encounter_id as varchar) as encounter_id,
    cast(raw_rows.superbill_given as boolean) as is_superbill_given,
    cast(raw_rows.source_system as varchar) as source_system,
    cast(raw_rows.record_version as integer) as record_version,
    coalesce(cast(raw_rows.is_deleted as boolean), false) as is_deleted,
    cast(raw_rows.known_from as timestamp) as known_from_local,
    cast(raw_rows.known_from_utc_offset_minutes as integer) as known_from_utc_offset_minutes,
    {{ to_utc('raw_rows.known_from', 'raw_rows.known_from_utc_offset_minutes') }} as known_from_utc,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id,
    cast(raw_rows._row_number as bigint) as _row_number,
    cast(raw_rows._exported_at as timestamp) as _exported_at
from {{ new_raw_rows('cash_sale') }} as raw_rows
