{{ config(materialized='table') }}

{%- set in_payment_order = (
    'order by payment_date nulls first, production_date nulls first, trace_number nulls first, payment_key,'
    ~ ' entry_sequence rows between unbounded preceding and current row'
) %}

with payments as (
    select * from {{ ref('int_remit__payments') }}
    where payment_state = 'counted'
),

provider_adjustments as (
    select * from {{ ref('stg_remit__provider_adjustments') }}
),

reason_codes as (
    select * from {{ ref('provider_adjustment_codes') }}
),

named as (
    select * from {{ ref('int_remit__provider_references') }}
),

entries as (
    select
        {{ surrogate_key(["'payment'", 'payments.payment_key', 'provider_adjustments.sequence']) }}
            as remit_event_key,
        payments.payment_key,
        payments.payer_id,
        payments.payee_id,
        payments.payee_npi,
        payments.payment_date,
        payments.production_date,
        payments.trace_number,
        provider_adjustments.sequence as entry_sequence,
        provider_adjustments.provider_id,
        provider_adjustments.fiscal_period_date,
        upper(trim(provider_adjustments.reason_code)) as provider_adjustment_code,
        provider_adjustments.reference_id,
        reason_codes.label as reason_label,
        coalesce(reason_codes.entry_kind, 'unknown') as entry_kind,
        reason_codes.balance_kind,
        coalesce(reason_codes.usual_effect, 'either') as usual_effect,
        reason_codes.recommended_action,
        {{ money_amount('coalesce(provider_adjustments.adjustment_amount, 0)') }}
            as provider_adjustment_amount,
        provider_adjustments.adjustment_amount is null as is_unreadable,
        -- what is carried on: a pair that raised this payment will be taken from a later one
        {{ money_amount(
            'case when reason_codes.balance_kind is not null'
            ~ ' then -coalesce(provider_adjustments.adjustment_amount, 0) else 0 end'
        ) }} as carried_amount
    from payments
    inner join provider_adjustments
        on
            payments._file_sha256 = provider_adjustments._file_sha256
            and payments.st_index = provider_adjustments.st_index
    left join reason_codes on upper(trim(provider_adjustments.reason_code)) = reason_codes.reason_code
),

-- A forward balance is followed by the first trace, which the remittance that opens it may leave to its own
-- TRN02; any other debt by the claim it names, else by the text of its reference.
chained as (
    select
        entries.*,
        named.claim_key,
        named.second_claim_key,
        named.named_payment_key,
        named.reference_number_count,
        named.reference_kind,
        named.reference_method,
        case
            when entries.balance_kind is null then cast(null as varchar)
            else
                {{ row_hash([
                    'entries.payer_id',
                    'entries.payee_id',
                    'entries.balance_kind',
                    "case when entries.balance_kind = 'forward_balance'"
                    ~ " then coalesce(named.reference_normalised, " ~ money_reference_number('entries.trace_number')
                    ~ ", entries.remit_event_key) else coalesce(case when named.reference_kind = 'claim'"
                    ~ " then named.claim_key end, named.reference_normalised, entries.remit_event_key) end",
                ]) }}
        end as balance_chain_key
    from entries
    inner join named on entries.remit_event_key = named.remit_event_key
),

final as (
    select
        chained.*,
        case
            when chained.provider_adjustment_amount > 0 then 'lowers'
            when chained.provider_adjustment_amount < 0 then 'raises'
            else 'none'
        end as payment_effect,
        {{ money_amount(
            'sum(carried_amount) over (partition by payer_id, payee_id ' ~ in_payment_order ~ ')'
        ) }} as open_balance_amount,
        {{ money_amount(
            'case when balance_chain_key is not null'
            ~ ' then sum(carried_amount) over (partition by balance_chain_key ' ~ in_payment_order ~ ') end'
        ) }} as chain_balance_amount,
        {{ money_amount(
            'case when balance_chain_key is not null'
            ~ ' then sum(carried_amount) over (partition by balance_chain_key) end'
        ) }} as chain_open_amount
    from chained
)

select * from final
