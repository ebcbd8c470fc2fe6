select
    versions.clinic_id,
    versions.npi,
    versions.provider_type,
    versions.taxonomy_code,
    versions.provider_name
from {{ ranked_versions(ref('stg_ehr__providers'), ['clinic_id', 'npi']) }} as versions
where
    versions.version_rank = 1
    and not versions.is_deleted
