{{ config(materialized='table') }}

with zones as (
    {{ known_time_zones() }}
),

versions as (
    select * from {{ ranked_versions(ref('stg_ehr__sites'), ['clinic_id', 'site_id']) }} as ranked
)

select
    versions.clinic_id,
    versions.site_id,
    versions.site_npi,
    versions.default_place_of_service_code,
    versions.state_code,
    versions.time_zone as time_zone_as_sent,
    zones.time_zone,
    versions.rems_site_id,
    versions.rems_from_date,
    versions.rems_to_date,
    versions.ownership_kind
from versions
left join zones on versions.time_zone = zones.time_zone
where
    versions.version_rank = 1
    and not versions.is_deleted
