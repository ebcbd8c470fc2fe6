with newest as (
    select * from {{ current_patient_rows('stg_ehr__diagnoses', 'diagnosis_key') }} as current_rows
)

select
    newest.diagnosis_key,
    newest.surviving_patient_key as patient_key,
    newest.encounter_key,
    newest.clinic_id,
    newest.diagnosis_id,
    newest.surviving_patient_id as patient_id,
    newest.encounter_id,
    case
        when coalesce(lower(newest.code_system), 'icd10cm') = 'icd10cm'
            then {{ normalised_diagnosis('newest.diagnosis_code_as_sent') }}
        else newest.diagnosis_code_as_sent
    end as diagnosis_code,
    lower(newest.code_system) as code_system,
    newest.diagnosis_rank,
    lower(newest.diagnosis_status) as diagnosis_status,
    coalesce(lower(newest.diagnosis_status) = 'entered_in_error', false) as is_entered_in_error,
    newest.onset_date,
    newest.abated_date,
    newest.recorded_date
from newest
