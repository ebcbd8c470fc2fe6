{{ config(materialized='table') }}

with claims as (
    select * from {{ ref('stg_ehr__claims') }}
),

sites as (
    select * from {{ ref('int_ehr__sites') }}
),

identifiers as (
    select
        clinic_id,
        trim(billing_npi) as npi
    from claims
    where billing_npi is not null
    union
    select
        clinic_id,
        trim(site_npi) as npi
    from sites
    where site_npi is not null
),

final as (
    select
        npi,
        min(clinic_id) as clinic_id
    from identifiers
    where npi <> ''
    group by npi
    having count(distinct clinic_id) = 1
)

select * from final
