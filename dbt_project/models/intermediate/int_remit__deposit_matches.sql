{{ config(materialized='table') }}

with deposits as (
    select * from {{ ref('int_ehr__bank_deposits') }}
),

placed_payments as (
    select * from {{ ref('int_remit__deposit_payments') }}
),

payments as (
    select * from placed_payments
    where payment_state = 'counted'
),

held_payments as (
    select distinct
        clinic_id,
        trace_normalised
    from placed_payments
    where payment_state = 'held' and trace_normalised is not null
),

-- first: one payment, one deposit, equal trace and amount
numbered_deposits as (
    select
        *,
        row_number() over (
            partition by clinic_id, trace_normalised, deposit_amount
            order by deposited_date, deposit_key
        ) as pair_number
    from deposits
    where trace_normalised is not null
),

numbered_payments as (
    select
        *,
        row_number() over (
            partition by clinic_id, trace_normalised, payment_amount
            order by payment_date nulls last, payment_key
        ) as pair_number
    from payments
    where trace_normalised is not null and clinic_id is not null
),

equal_pairs as (
    select
        numbered_deposits.deposit_key,
        numbered_payments.payment_key
    from numbered_deposits
    inner join numbered_payments
        on
            numbered_deposits.clinic_id = numbered_payments.clinic_id
            and numbered_deposits.trace_normalised = numbered_payments.trace_normalised
            and numbered_deposits.deposit_amount = numbered_payments.payment_amount
            and numbered_deposits.pair_number = numbered_payments.pair_number
),

-- then what is left under one trace together: one transfer for several payees, or other amounts
left_deposits as (
    select
        numbered_deposits.clinic_id,
        numbered_deposits.trace_normalised,
        count(*) as deposit_count,
        sum(numbered_deposits.deposit_amount) as deposit_amount,
        min(numbered_deposits.deposit_key) as deposit_key,
        max(numbered_deposits.deposited_date) as deposited_date
    from numbered_deposits
    left join equal_pairs on numbered_deposits.deposit_key = equal_pairs.deposit_key
    where equal_pairs.deposit_key is null
    group by numbered_deposits.clinic_id, numbered_deposits.trace_normalised
),

left_payments as (
    select
        numbered_payments.clinic_id,
        numbered_payments.trace_normalised,
        count(*) as payment_count,
        sum(numbered_payments.payment_amount) as payment_amount,
        min(numbered_payments.payment_key) as payment_key
    from numbered_payments
    left join equal_pairs on numbered_payments.payment_key = equal_pairs.payment_key
    where equal_pairs.payment_key is null
    group by numbered_payments.clinic_id, numbered_payments.trace_normalised
),

traces as (
    select
        left_deposits.clinic_id,
        left_deposits.trace_normalised,
        left_deposits.deposited_date,
        left_deposits.deposit_amount - left_payments.payment_amount as trace_difference_amount,
        case
            when left_deposits.deposit_count = 1 and left_payments.payment_count = 1
                then left_deposits.deposit_key
        end as only_deposit_key,
        case
            when left_deposits.deposit_count = 1 and left_payments.payment_count = 1
                then left_payments.payment_key
        end as only_payment_key
    from left_deposits
    inner join left_payments
        on
            left_deposits.clinic_id = left_payments.clinic_id
            and left_deposits.trace_normalised = left_payments.trace_normalised
),

pairs as (
    select
        deposit_key,
        payment_key
    from equal_pairs
    union all
    select
        only_deposit_key as deposit_key,
        only_payment_key as payment_key
    from traces
    where only_deposit_key is not null
),

rows_of_both as (
    select
        deposits.deposit_key,
        payments.payment_key,
        coalesce(payments.clinic_id, deposits.clinic_id) as clinic_id,
        coalesce(payments.trace_normalised, deposits.trace_normalised) as trace_normalised,
        equal_pairs.deposit_key is not null as is_equal_pair,
        deposits.deposited_date,
        deposits.deposit_amount,
        payments.payer_id,
        payments.payment_date,
        payments.payment_method_code,
        payments.payment_amount,
        payments.late_after_days
    from payments
    left join pairs on payments.payment_key = pairs.payment_key
    full outer join deposits on pairs.deposit_key = deposits.deposit_key
    left join equal_pairs on deposits.deposit_key = equal_pairs.deposit_key
),

bank_files as (
    select
        clinic_id,
        min(deposited_date) as first_deposited_date,
        max(deposited_date) as last_deposited_date
    from deposits
    group by clinic_id
),

facts as (
    select
        rows_of_both.*,
        traces.trace_normalised is not null and not rows_of_both.is_equal_pair as is_of_trace,
        traces.trace_difference_amount,
        cast(
            coalesce(rows_of_both.deposited_date, traces.deposited_date) - rows_of_both.payment_date
            as integer
        ) as days_to_deposit,
        bank_files.clinic_id is not null as has_bank_file,
        bank_files.first_deposited_date,
        bank_files.last_deposited_date,
        held_payments.trace_normalised is not null as is_held
    from rows_of_both
    left join traces
        on
            rows_of_both.clinic_id = traces.clinic_id
            and rows_of_both.trace_normalised = traces.trace_normalised
    left join bank_files on rows_of_both.clinic_id = bank_files.clinic_id
    left join held_payments
        on
            rows_of_both.clinic_id = held_payments.clinic_id
            and rows_of_both.trace_normalised = held_payments.trace_normalised
),

final as (
    select
        {{ row_hash(['facts.deposit_key', 'facts.payment_key']) }} as deposit_match_key,
        facts.deposit_key,
        facts.payment_key,
        facts.clinic_id,
        facts.payer_id,
        facts.payment_date,
        facts.payment_method_code,
        facts.payment_amount,
        facts.deposited_date,
        {{ money_amount('facts.deposit_amount') }} as deposit_amount,
        {{ money_amount(
            'case when facts.is_of_trace then facts.trace_difference_amount when facts.is_equal_pair then 0 end'
        ) }} as trace_difference_amount,
        case when facts.is_equal_pair or facts.is_of_trace then facts.days_to_deposit end as days_to_deposit,
        facts.late_after_days,
        case
            when facts.is_equal_pair then 'trace_and_amount'
            when facts.is_of_trace then 'trace'
        end as match_method,
        case
            when facts.is_of_trace and facts.trace_difference_amount <> 0 then 'amount_differs'
            when
                (facts.is_equal_pair or facts.is_of_trace) and facts.days_to_deposit > facts.late_after_days
                then 'late'
            when facts.is_equal_pair or facts.is_of_trace then 'matched'
            when facts.payment_key is null and facts.is_held then 'held_era'
            when facts.payment_key is null then 'missing_era'
            when
                facts.clinic_id is null
                or not facts.has_bank_file
                or facts.trace_normalised is null
                or facts.payment_date is null
                or facts.payment_date < facts.first_deposited_date
                then 'not_evaluable'
            when facts.payment_date + facts.late_after_days < facts.last_deposited_date then 'missing_deposit'
            else 'awaited'
        end as deposit_state,
        case
            when
                facts.payment_key is null or facts.is_equal_pair or facts.is_of_trace
                then cast(null as varchar)
            when facts.clinic_id is null then 'payee_unknown'
            when not facts.has_bank_file then 'no_bank_file'
            when facts.trace_normalised is null then 'no_trace'
            when facts.payment_date is null then 'no_payment_date'
            when facts.payment_date < facts.first_deposited_date then 'before_bank_file'
        end as not_evaluable_reason
    from facts
)

select * from final
