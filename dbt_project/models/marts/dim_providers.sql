with providers as (
    select * from {{ ref('int_ehr__providers') }}
),

final as (
    select
        {{ surrogate_key(['clinic_id', 'npi']) }} as provider_key,
        clinic_id,
        npi,
        provider_type,
        taxonomy_code,
        provider_name
    from providers
)

select * from final
