with payments as (
    select * from {{ ref('int_remit__payments') }}
),

totals as (
    select * from {{ ref('int_remit__transaction_totals') }}
),

audited as (
    select * from {{ ref('audit_remittance') }}
),

ledgers as (
    select
        payment_key,
        sum(provider_adjustment_amount) as provider_adjustment_amount
    from {{ ref('fct_provider_ledger') }}
    group by payment_key
),

final as (
    select
        payments.transaction_key,
        payments.payment_key,
        audited.clinic_id,
        payments.payer_id,
        {{ surrogate_key(['payments.payer_id']) }} as payer_key,
        payments.payee_npi,
        payments.payment_date,
        payments.payment_method_code,
        payments.payment_state,
        payments.held_reason,
        payments.decision,
        coalesce(payments.decision = 'release', false) as is_released,
        payments.payment_amount,
        totals.claim_paid_amount,
        totals.provider_adjustment_amount,
        totals.claim_charge_amount,
        totals.unexplained_amount,
        {{ money_cents('totals.unexplained_amount') }} as unexplained_cents,
        totals.claim_unexplained_amount,
        totals.line_unexplained_amount,
        case when payments.payment_state = 'counted' then audited.event_cash_amount end as event_cash_amount,
        case when payments.payment_state = 'counted' then audited.event_difference_cents end
            as event_difference_cents,
        totals.claim_count,
        totals.line_count,
        totals.issue_count,
        {{ money_counted('ledgers.provider_adjustment_amount', 'decimal(18, 2)') }} as ledger_amount,
        {{ money_counted(
            '100 * (payments.payment_amount - coalesce(audited.event_paid_amount, 0)'
            ~ ' + coalesce(ledgers.provider_adjustment_amount, 0) - totals.unexplained_amount)',
            'bigint'
        ) }} as statement_difference_cents,
        case when payments.payment_state = 'counted' then audited.unmatched_claim_count end
            as unmatched_claim_count,
        case when payments.payment_state = 'counted' then audited.ambiguous_claim_count end
            as ambiguous_claim_count,
        payments.trace_number,
        payments._file_sha256
    from payments
    inner join totals on payments.transaction_key = totals.transaction_key
    inner join audited on payments.payment_key = audited.payment_key
    left join ledgers on payments.payment_key = ledgers.payment_key
)

select * from final
