with newest as (
    select * from {{ current_patient_rows('stg_ehr__prescriptions', 'prescription_key') }} as current_rows
)

select
    newest.prescription_key,
    newest.surviving_patient_key as patient_key,
    newest.encounter_key,
    newest.clinic_id,
    newest.prescription_id,
    newest.surviving_patient_id as patient_id,
    newest.encounter_id,
    newest.prescriber_npi,
    coalesce(drugs.drug_name, {{ first_word('newest.drug_name') }}) as drug_name,
    newest.route,
    newest.prescribed_date,
    newest.is_for_home
from newest
left join {{ ref('drug_reference') }} as drugs
    on {{ first_word('newest.drug_name') }} = drugs.drug_alias
