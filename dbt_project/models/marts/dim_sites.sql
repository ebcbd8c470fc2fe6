with sites as (
    select * from {{ ref('int_ehr__sites') }}
),

final as (
    select
        {{ surrogate_key(['clinic_id', 'site_id']) }} as site_key,
        clinic_id,
        site_id,
        site_npi,
        default_place_of_service_code,
        state_code,
        time_zone,
        ownership_kind
    from sites
)

select * from final
