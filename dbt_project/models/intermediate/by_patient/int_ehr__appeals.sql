with claims as (
    select * from {{ ref('int_ehr__claim_versions') }}
    where {{ in_changed_scopes('patient_key') }}
),

touched as (
    select appeals.appeal_key
    from {{ ref('stg_ehr__appeals') }} as appeals
    inner join claims on appeals.claim_key = claims.claim_key
),

newest as (
    select *
    from {{ ranked_versions(
        ref('stg_ehr__appeals'), ['appeal_key'],
        condition='versions.appeal_key in (select touched.appeal_key from touched)'
    ) }} as versions
    where
        version_rank = 1
        and not is_deleted
)

select
    newest.appeal_key,
    newest.claim_key,
    newest.claim_line_key,
    claims.patient_key,
    newest.clinic_id,
    newest.appeal_id,
    newest.claim_id,
    newest.line_number,
    newest.appeal_level,
    newest.sent_date,
    newest.decided_date,
    lower(newest.appeal_outcome) as appeal_outcome,
    newest.requested_amount,
    newest.recovered_amount,
    newest.appeal_reason
from newest
inner join claims on newest.claim_key = claims.claim_key
