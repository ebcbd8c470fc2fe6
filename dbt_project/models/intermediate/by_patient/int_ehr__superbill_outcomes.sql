with newest as (
    select * from {{ current_patient_rows('stg_ehr__superbill_outcomes', 'superbill_key') }} as current_rows
)

select
    newest.superbill_key,
    newest.surviving_patient_key as patient_key,
    newest.clinic_id,
    newest.superbill_id,
    newest.surviving_patient_id as patient_id,
    newest.sent_date,
    newest.decided_date,
    lower(newest.superbill_outcome) as superbill_outcome,
    newest.reimbursed_amount,
    newest.outcome_reason
from newest
