with claims as (
    select * from {{ ref('int_ehr__claims') }}
),

newest as (
    select *
    from {{ ranked_versions(ref('stg_ehr__appeals'), ['appeal_key']) }} as versions
    where
        version_rank = 1
        and not is_deleted
)

select
    newest.appeal_key,
    claims.claim_key,
    case when claims.claim_key is not null then newest.claim_line_key end as claim_line_key,
    -- a claim whose patient nobody knows has a stand-in key, which is no patient's
    case when claims.patient_id is not null then claims.patient_key end as patient_key,
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
left join claims on newest.claim_key = claims.claim_key
