select
    cast(raw_rows.finding_id as varchar) as finding_id,
    cast(raw_rows.rule_id as varchar) as rule_id,
    cast(raw_rows.clinic_id as varchar) as clinic_id,
    cast(raw_rows.subject as varchar) as subject,
    cast(raw_rows.subject_key as varchar) as subject_key,
    cast(raw_rows.status as varchar) as status,
    cast(raw_rows.dollars_at_stake as decimal(12, 2)) as dollars_at_stake,
    cast(raw_rows.evidence as varchar) as evidence,
    cast(raw_rows.row_hash as varchar) as row_hash,
    cast(raw_rows.rule_hash as varchar) as rule_hash,
    cast(raw_rows.judged_as_of as date) as judged_as_of_date,
    cast(raw_rows.judged_at as timestamp) as judged_at,
    cast(raw_rows.sequence as bigint) as sequence,

    cast(raw_rows._file_sha256 as varchar) as _file_sha256,
    cast(raw_rows._commit_id as varchar) as _commit_id
from {{ new_raw_rows('finding_event') }} as raw_rows
