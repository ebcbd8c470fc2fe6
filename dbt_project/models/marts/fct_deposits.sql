with matches as (
    select * from {{ ref('int_remit__deposit_matches') }}
),

deposits as (
    select * from {{ ref('int_ehr__bank_deposits') }}
),

payments as (
    select * from {{ ref('int_remit__payments') }}
    where payment_state = 'counted'
),

next_steps as (
    select * from {{ ref('money_next_steps') }}
    where list_name = 'deposit'
),

final as (
    select
        matches.deposit_match_key,
        matches.deposit_key,
        matches.payment_key,
        matches.clinic_id,
        matches.payer_id,
        {{ surrogate_key(['matches.payer_id']) }} as payer_key,
        matches.payment_date,
        matches.payment_method_code,
        matches.payment_amount,
        matches.deposited_date,
        matches.deposit_amount,
        matches.trace_difference_amount,
        matches.days_to_deposit,
        matches.late_after_days,
        matches.match_method,
        matches.deposit_state,
        matches.not_evaluable_reason,
        next_steps.next_step,
        deposits.deposit_id,
        coalesce(payments.trace_number, deposits.trace_number) as trace_number
    from matches
    left join deposits on matches.deposit_key = deposits.deposit_key
    left join payments on matches.payment_key = payments.payment_key
    left join next_steps on matches.deposit_state = next_steps.state
)

select * from final
