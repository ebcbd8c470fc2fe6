{{ config(materialized='table') }}

-- encounters of all versions: a clinic's history does not get shorter by a correction
select
    encounters.clinic_id,
    min(cast(coalesce(encounters.start_at_local, encounters.start_at_utc) as date)) as first_encounter_date
from {{ ref('stg_ehr__encounters') }} as encounters
where encounters.clinic_id is not null
group by encounters.clinic_id
