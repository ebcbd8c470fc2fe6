{{ config(materialized='table') }}

with by_number as (
    select * from {{ ref('int_remit__claim_number_matches') }}
),

by_service as (
    select * from {{ ref('int_remit__claim_service_matches') }}
),

final as (
    select
        by_number.remit_claim_key,
        by_number.payment_key,
        coalesce(by_number.claim_key, by_service.claim_key) as claim_key,
        case
            when by_number.match_status <> 'unmatched' then by_number.match_status
            else coalesce(by_service.match_status, 'unmatched')
        end as match_status,
        coalesce(
            by_number.match_method, case when by_service.claim_key is not null then 'code_date_charge' end
        ) as match_method
    from by_number
    left join by_service on by_number.remit_claim_key = by_service.remit_claim_key
)

select * from final
