{{ config(materialized='table') }}

with newest as (
    select *
    from {{ ranked_versions(
        ref('stg_ehr__fhir_directory'), ['clinic_id', 'resource_type', 'resource_id']
    ) }} as versions
    where
        version_rank = 1
        and not is_deleted
)

-- a role stands for the clinician it points to
select
    newest.clinic_id,
    newest.resource_type || '/' || newest.resource_id as pointer,
    coalesce(
        newest.npi, clinicians.npi, case when newest.points_to not like '%/%' then newest.points_to end
    ) as npi,
    newest.resource_name,
    newest.ndc11,
    newest.taxonomy_code
from newest
left join newest as clinicians
    on
        newest.clinic_id = clinicians.clinic_id
        and newest.points_to = clinicians.resource_type || '/' || clinicians.resource_id
