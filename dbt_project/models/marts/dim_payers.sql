with known_payers as (
    select * from {{ ref('payers') }}
),

coverages as (
    select * from {{ ref('int_ehr__coverages') }}
),

billed as (
    select * from {{ ref('int_billed__claims') }}
),

payments as (
    select * from {{ ref('int_remit__payments') }}
),

benefit_checks as (
    select * from {{ ref('int_ehr__benefit_checks') }}
),

prior_auths as (
    select * from {{ ref('int_ehr__prior_auths') }}
),

payer_ids as (
    select payer_id from known_payers
    union
    select payer_id from coverages
    where payer_id is not null
    union
    select payer_id from payments
    where payer_id is not null
    union
    select payer_id from benefit_checks
    where payer_id is not null
    union
    select payer_id from prior_auths
    where payer_id is not null
    union
    select payer_id from billed
    where payer_id is not null
),

paying as (
    select
        payer_id,
        min(nullif(trim(payer_name), '')) as payer_name_sent
    from payments
    where payer_id is not null
    group by payer_id
),

final as (
    select
        {{ surrogate_key(['payer_ids.payer_id']) }} as payer_key,
        payer_ids.payer_id,
        coalesce(known_payers.payer_name, paying.payer_name_sent, payer_ids.payer_id) as payer_name,
        known_payers.line_of_business as usual_line_of_business,
        known_payers.covers_esketamine,
        known_payers.payer_id is not null as is_known_payer,
        paying.payer_id is not null as has_remittances
    from payer_ids
    left join known_payers on payer_ids.payer_id = known_payers.payer_id
    left join paying on payer_ids.payer_id = paying.payer_id
)

select * from final
