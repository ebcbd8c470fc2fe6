{# What is known to be sent: the clinic says so, an 837P bills it, or a payer answered it. #}
{{ config(materialized='table') }}

with subject_lines as (
    select * from {{ ref('int_quality__subject_lines') }}
),

our_claims as (
    select * from {{ ref('int_ehr__claims') }}
),

answered as (
    select distinct claim_key from {{ ref('int_remit__events') }}
    where claim_key is not null
),

sent_claims as (
    select our_claims.claim_key
    from our_claims
    left join answered on our_claims.claim_key = answered.claim_key
    where
        coalesce(our_claims.claim_status, 'draft') <> 'draft'
        or our_claims.submitted_date is not null
        or our_claims.is_billed
        or answered.claim_key is not null
),

final as (
    select
        subject_lines.subject,
        subject_lines.clinic_id,
        subject_lines.subject_key,
        case
            when count(sent_claims.claim_key) > 0 then 'after_submission' else 'before_submission'
        end as moment
    from subject_lines
    left join sent_claims on subject_lines.claim_key = sent_claims.claim_key
    group by subject_lines.subject, subject_lines.clinic_id, subject_lines.subject_key
)

select * from final
