-- a FHIR export says the specialty at the clinician's roles
with specialties as (
    select
        roles.clinic_id,
        roles.npi,
        min(roles.taxonomy_code) as taxonomy_code
    from {{ ref('int_ehr__fhir_directory') }} as roles
    where roles.npi is not null
    group by roles.clinic_id, roles.npi
)

select
    versions.clinic_id,
    versions.npi,
    versions.provider_type,
    coalesce(versions.taxonomy_code, specialties.taxonomy_code) as taxonomy_code,
    versions.provider_name
from {{ ranked_versions(ref('stg_ehr__providers'), ['clinic_id', 'npi']) }} as versions
left join specialties
    on
        versions.clinic_id = specialties.clinic_id
        and versions.npi = specialties.npi
where
    versions.version_rank = 1
    and not versions.is_deleted
