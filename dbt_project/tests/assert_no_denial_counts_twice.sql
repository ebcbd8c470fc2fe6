-- Guards: one payer denies one line of ours once: reversed and superseded denials are gone.
select
    claim_line_key,
    payer_id,
    count(distinct remit_claim_key) as denying_claim_count
from {{ ref('fct_denials') }}
where claim_line_key is not null
group by claim_line_key, payer_id
having count(distinct remit_claim_key) > 1
