with entries as (
    select * from {{ ref('int_remit__provider_entries') }}
),

payee_clinics as (
    select * from {{ ref('int_remit__payee_clinics') }}
),

final as (
    select
        entries.remit_event_key,
        entries.payment_key,
        payee_clinics.clinic_id,
        entries.payer_id,
        {{ surrogate_key(['entries.payer_id']) }} as payer_key,
        entries.payee_npi,
        entries.payment_date,
        cast(entries.entry_sequence as integer) as entry_sequence,
        entries.fiscal_period_date,
        entries.provider_adjustment_code,
        entries.reason_label,
        entries.entry_kind,
        entries.balance_kind,
        entries.provider_adjustment_amount,
        entries.payment_effect,
        entries.usual_effect,
        entries.usual_effect in ('either', entries.payment_effect) or entries.payment_effect = 'none'
            as is_usual_effect,
        entries.is_unreadable,
        entries.carried_amount,
        entries.open_balance_amount,
        entries.balance_chain_key,
        entries.chain_balance_amount,
        entries.chain_open_amount,
        entries.reference_kind,
        entries.reference_method,
        entries.reference_number_count,
        entries.claim_key,
        entries.second_claim_key,
        entries.named_payment_key,
        entries.recommended_action,
        entries.reference_id as provider_adjustment_reference_number,
        entries.trace_number
    from entries
    left join payee_clinics on entries.payee_npi = payee_clinics.payee_npi
)

select * from final
