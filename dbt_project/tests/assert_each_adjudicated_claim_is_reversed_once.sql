-- Guards: two reversals never take the same adjudication back.
select
    reverses_remit_claim_key,
    count(distinct remit_claim_key) as reversal_count
from {{ ref('fct_remit_events') }}
where reverses_remit_claim_key is not null
group by reverses_remit_claim_key
having count(distinct remit_claim_key) > 1
