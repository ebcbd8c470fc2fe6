with remit_lines as (
    select * from {{ ref('int_remit__service_lines') }}
),

our_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
),

final as (
    select
        bundles.remit_line_key,
        our_lines.claim_line_key
    from remit_lines as bundles
    inner join our_lines
        on
            bundles.claim_key = our_lines.claim_key
            and bundles.service_from_date = our_lines.service_date
    left join remit_lines as others
        on
            bundles.remit_claim_key = others.remit_claim_key
            and our_lines.claim_line_key = others.claim_line_key
    where bundles.line_match_kind = 'bundled' and others.remit_line_key is null
)

select * from final
