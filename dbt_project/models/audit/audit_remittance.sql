{%- set facts = [
    'clinic_id', 'payment_state', 'held_reason', 'copy_count', 'payer_id', 'payment_date', 'payment_method_code',
    'payment_amount',
    'claim_charge_amount', 'claim_paid_amount', 'provider_adjustment_amount', 'event_cash_amount',
    'unexplained_cents', 'claim_unexplained_cents', 'line_unexplained_cents', 'event_difference_cents',
    'claim_count', 'line_count', 'issue_count', 'reversal_count', 'orphan_reversal_count',
    'mismatched_reversal_count',
    'unmatched_claim_count', 'ambiguous_claim_count', 'unclassified_adjustment_count', 'unknown_claim_status_count',
    'unreadable_claim_count', 'patient_share_difference_cents'
] %}

with payments as (
    select * from {{ ref('int_remit__payments') }}
    where is_representative_copy
),

totals as (
    select * from {{ ref('int_remit__transaction_totals') }}
),

payee_clinics as (
    select * from {{ ref('int_remit__payee_clinics') }}
),

events as (
    select
        payment_key,
        sum(paid_amount) as event_paid_amount,
        sum(provider_adjustment_amount) as event_provider_adjustment_amount,
        sum(cash_amount) as event_cash_amount
    from {{ ref('int_remit__events') }}
    group by payment_key
),

chains as (
    select
        payment_key,
        count(case when is_reversal then 1 end) as reversal_count,
        count(case when is_orphan_reversal then 1 end) as orphan_reversal_count,
        count(case when is_reversal_mismatch then 1 end) as mismatched_reversal_count,
        count(case when claim_role = 'unknown' then 1 end) as unknown_claim_status_count
    from {{ ref('int_remit__claim_chains') }}
    group by payment_key
),

matches as (
    select
        payment_key,
        count(case when match_status = 'unmatched' then 1 end) as unmatched_claim_count,
        count(case when match_status = 'ambiguous' then 1 end) as ambiguous_claim_count
    from {{ ref('int_remit__claim_matches') }}
    group by payment_key
),

adjustments as (
    select
        payment_key,
        remit_claim_key,
        count(case when adjustment_class = 'unclassified' then 1 end) as unclassified_adjustment_count,
        sum(case when is_patient_group then adjustment_amount else 0 end) as patient_group_amount
    from {{ ref('int_remit__adjustments') }}
    group by payment_key, remit_claim_key
),

-- CLP05 as sent against the PR adjustments; absent on reversals
patient_shares as (
    select
        claims.payment_key,
        sum(coalesce(adjustments.unclassified_adjustment_count, 0)) as unclassified_adjustment_count,
        sum(
            case
                when
                    claims.patient_responsibility_sent_amount is not null
                    and claims.claim_role = 'adjudication'
                    then
                        abs(
                            claims.patient_responsibility_sent_amount
                            - coalesce(adjustments.patient_group_amount, 0)
                        )
                else 0
            end
        ) as patient_share_difference_amount
    from {{ ref('int_remit__claims') }} as claims
    left join adjustments on claims.remit_claim_key = adjustments.remit_claim_key
    group by claims.payment_key
),

facts as (
    select
        payee_clinics.clinic_id,
        payments.payment_key as subject_key,
        payments.payment_key,
        payments.transaction_key,
        payments.payment_state,
        payments.held_reason,
        cast(payments.copy_count as integer) as copy_count,
        payments.payer_id,
        payments.payment_date,
        payments.payment_method_code,
        payments.payment_amount,
        totals.claim_charge_amount,
        totals.claim_paid_amount,
        totals.provider_adjustment_amount,
        totals.unexplained_amount,
        {{ money_cents('totals.unexplained_amount') }} as unexplained_cents,
        totals.claim_unexplained_amount,
        {{ money_cents('totals.claim_unexplained_amount') }} as claim_unexplained_cents,
        totals.line_unexplained_amount,
        {{ money_cents('totals.line_unexplained_amount') }} as line_unexplained_cents,
        {{ money_counted('events.event_paid_amount', 'decimal(18, 2)') }} as event_paid_amount,
        {{ money_counted('events.event_cash_amount', 'decimal(18, 2)') }} as event_cash_amount,
        {{ money_counted(
            '100 * (totals.claim_paid_amount - totals.provider_adjustment_amount'
            ~ ' - coalesce(events.event_cash_amount, 0))',
            'bigint'
        ) }} as event_difference_cents,
        {{ money_counted('patient_shares.patient_share_difference_amount * 100', 'bigint') }}
            as patient_share_difference_cents,
        totals.claim_count,
        totals.line_count,
        totals.provider_adjustment_count,
        totals.issue_count,
        totals.error_issue_count,
        totals.unbalanced_claim_count,
        totals.unbalanced_line_count,
        totals.unreadable_claim_count,
        {{ money_counted('chains.reversal_count') }} as reversal_count,
        {{ money_counted('chains.orphan_reversal_count') }} as orphan_reversal_count,
        {{ money_counted('chains.mismatched_reversal_count') }} as mismatched_reversal_count,
        {{ money_counted('chains.unknown_claim_status_count') }} as unknown_claim_status_count,
        {{ money_counted('matches.unmatched_claim_count') }} as unmatched_claim_count,
        {{ money_counted('matches.ambiguous_claim_count') }} as ambiguous_claim_count,
        {{ money_counted('patient_shares.unclassified_adjustment_count') }}
            as unclassified_adjustment_count
    from payments
    inner join totals on payments.transaction_key = totals.transaction_key
    left join payee_clinics on payments.payee_npi = payee_clinics.payee_npi
    left join events on payments.payment_key = events.payment_key
    left join chains on payments.payment_key = chains.payment_key
    left join matches on payments.payment_key = matches.payment_key
    left join patient_shares on payments.payment_key = patient_shares.payment_key
),

final as (
    select
        facts.*,
        {{ row_hash(facts) }} as row_hash,
        cast(null as date) as recheck_on
    from facts
)

select * from final
