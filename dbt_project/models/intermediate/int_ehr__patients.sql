select
    versions.patient_key,
    versions.clinic_id,
    versions.patient_id,
    versions.birth_date,
    versions.sex,
    versions.state_code,
    versions.rems_patient_id,
    versions.rems_enrolled_date,
    versions.deceased_date
from {{ ranked_versions(ref('stg_ehr__patients'), ['patient_key']) }} as versions
where
    versions.version_rank = 1
    and not versions.is_deleted
