with newest as (
    select * from {{ current_patient_rows('stg_ehr__superbills', 'superbill_key') }} as current_rows
)

select
    newest.superbill_key,
    newest.surviving_patient_key as patient_key,
    newest.encounter_key,
    newest.clinic_id,
    newest.superbill_id,
    newest.surviving_patient_id as patient_id,
    newest.encounter_id,
    newest.given_date,
    newest.service_date,
    newest.billing_npi,
    newest.rendering_npi,
    newest.tax_id,
    newest.place_of_service_code,
    newest.diagnosis_code_list,
    newest.procedure_code_list,
    newest.charge_amount,
    newest.paid_amount
from newest
