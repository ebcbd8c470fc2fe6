-- every way a payer is written: aliases, its id, its name
with spellings as (
    select
        payer_alias as spelling,
        payer_id
    from {{ ref('payer_aliases') }}
    union
    select
        payer_id as spelling,
        payer_id
    from {{ ref('payers') }}
    union
    select
        {{ normalised_payer('payer_name') }} as spelling,
        payer_id
    from {{ ref('payers') }}
),

final as (
    select
        spelling,
        min(payer_id) as payer_id
    from spellings
    group by spelling
    having count(distinct payer_id) = 1
)

select * from final
