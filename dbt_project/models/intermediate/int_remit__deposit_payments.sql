with payments as (
    select
        *,
        {{ money_reference_number('trace_number') }} as trace_normalised
    from {{ ref('int_remit__payments') }}
    where is_representative_copy and payment_amount > 0
),

deposits as (
    select * from {{ ref('int_ehr__bank_deposits') }}
),

payee_clinics as (
    select * from {{ ref('int_remit__payee_clinics') }}
),

deposit_policy as (
    select * from {{ ref('deposit_policy') }}
),

-- a payee nobody knows is of the clinic whose bank alone shows the trace
trace_clinics as (
    select
        trace_normalised,
        min(clinic_id) as clinic_id
    from deposits
    where trace_normalised is not null
    group by trace_normalised
    having count(distinct clinic_id) = 1
),

final as (
    select
        payments.payment_key,
        payments.payment_state,
        payments.payer_id,
        payments.payment_date,
        payments.payment_method_code,
        payments.payment_amount,
        payments.trace_normalised,
        coalesce(payee_clinics.clinic_id, trace_clinics.clinic_id) as clinic_id,
        coalesce(own_policy.late_after_days, other_policy.late_after_days) as late_after_days
    from payments
    left join payee_clinics on payments.payee_npi = payee_clinics.payee_npi
    left join trace_clinics on payments.trace_normalised = trace_clinics.trace_normalised
    left join deposit_policy as own_policy
        on
            payments.payment_method_code = own_policy.payment_method_code
            and {{ is_in_force('payments.payment_date', 'own_policy.valid_from', 'own_policy.valid_to') }}
    left join deposit_policy as other_policy
        on
            other_policy.payment_method_code is null
            and {{ is_in_force('payments.payment_date', 'other_policy.valid_from', 'other_policy.valid_to') }}
)

select * from final
