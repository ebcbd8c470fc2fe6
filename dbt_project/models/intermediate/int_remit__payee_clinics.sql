with our_claims as (
    select * from {{ ref('int_ehr__claims') }}
),

sites as (
    select * from {{ ref('int_ehr__sites') }}
),

identifiers as (
    select
        clinic_id,
        billing_npi as payee_npi
    from our_claims
    where billing_npi is not null
    union all
    select
        clinic_id,
        site_npi as payee_npi
    from sites
    where site_npi is not null
),

final as (
    select
        payee_npi,
        min(clinic_id) as clinic_id
    from identifiers
    group by payee_npi
    having count(distinct clinic_id) = 1
)

select * from final
