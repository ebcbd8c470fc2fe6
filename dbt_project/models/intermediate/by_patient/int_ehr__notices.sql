with owned as (
    select
        notices.*,
        {{ surviving_patient('notices') }}
    from {{ ref('stg_ehr__notices') }} as notices
    left join {{ ref('int_ehr__patient_identities') }} as identities
        on notices.patient_key = identities.patient_key
    where {{ in_changed_scopes('notices.patient_key') }}
),

newest as (
    select *
    from {{ ranked_versions('owned', ['surviving_patient_key', 'notice_type', 'signed_date']) }} as versions
    where
        version_rank = 1
        and not is_deleted
)

select
    newest.surviving_patient_key as patient_key,
    newest.clinic_id,
    newest.surviving_patient_id as patient_id,
    newest.notice_type,
    newest.signed_date
from newest
