with ledger as (
    select * from {{ ref('fct_provider_ledger') }}
    where balance_kind is not null
),

entries as (
    select * from {{ ref('int_remit__provider_entries') }}
),

accounts as (
    select
        {{ row_hash(['entries.payer_id', 'entries.payee_id', 'ledger.balance_kind']) }}
            as provider_balance_key,
        ledger.*,
        case when ledger.chain_open_amount <> 0 then ledger.balance_chain_key end as open_chain_key
    from ledger
    inner join entries on ledger.remit_event_key = entries.remit_event_key
),

final as (
    select
        provider_balance_key,
        min(clinic_id) as clinic_id,
        payer_id,
        payer_key,
        payee_npi,
        balance_kind,
        {{ money_amount('sum(case when carried_amount > 0 then carried_amount else 0 end)') }}
            as announced_amount,
        {{ money_amount('sum(case when carried_amount < 0 then -carried_amount else 0 end)') }}
            as settled_amount,
        {{ money_amount('sum(carried_amount)') }} as open_balance_amount,
        case
            when sum(carried_amount) > 0 then 'open'
            when sum(carried_amount) < 0 then 'taken_unannounced'
            when count(distinct open_chain_key) > 0 then 'offset'
            else 'settled'
        end as balance_state,
        cast(count(*) as integer) as entry_count,
        cast(count(distinct open_chain_key) as integer) as open_chain_count,
        min(payment_date) as first_entry_date,
        max(payment_date) as last_entry_date
    from accounts
    group by provider_balance_key, payer_id, payer_key, payee_npi, balance_kind
)

select * from final
