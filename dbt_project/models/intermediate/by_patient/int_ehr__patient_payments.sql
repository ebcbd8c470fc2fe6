with newest as (
    select *
    from {{ current_patient_rows('stg_ehr__patient_payments', 'patient_payment_key') }} as current_rows
)

select
    newest.patient_payment_key,
    newest.surviving_patient_key as patient_key,
    newest.claim_key,
    newest.clinic_id,
    newest.payment_id,
    newest.surviving_patient_id as patient_id,
    newest.claim_id,
    newest.paid_date,
    newest.payment_amount,
    lower(newest.payment_kind) as payment_kind,
    newest.payment_method
from newest
