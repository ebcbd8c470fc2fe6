with payments as (
    select
        patient_payments.patient_key,
        patient_payments.payment_kind,
        patient_payments.claim_id,
        patient_payments.paid_date,
        -- a refund may be written with or without a minus
        case
            when patient_payments.payment_kind = 'refund' then abs(patient_payments.payment_amount)
            else patient_payments.payment_amount
        end as payment_amount
    from {{ ref('int_ehr__patient_payments') }} as patient_payments
),

paid as (
    select
        patient_key,
        sum(case when payment_kind in ('copay', 'balance') then payment_amount else 0 end) as paid_amount,
        sum(case when payment_kind = 'refund' and claim_id is not null then payment_amount else 0 end)
            as refunded_amount,
        sum(case when payment_kind = 'refund' and claim_id is null then payment_amount else 0 end)
            as other_refund_amount,
        sum(case when payment_kind = 'package' then payment_amount else 0 end) as package_amount,
        count(case when payment_kind is null or payment_amount is null then 1 end) as unclear_payment_count,
        max(paid_date) as last_paid_date
    from payments
    group by patient_key
),

claims as (
    select * from {{ ref('int_ehr__claims') }}
    where patient_key is not null
),

by_payer as (
    select
        claim_key,
        payer_id,
        sum(patient_responsibility_amount) as patient_responsibility_amount,
        max(event_date) as last_event_date
    from {{ ref('int_remit__events') }}
    where claim_key is not null
    group by claim_key, payer_id
),

-- what the first payer leaves to the patient, the next one may pay: the payer that answered last tells
last_answers as (
    select
        by_payer.*,
        row_number() over (
            partition by by_payer.claim_key
            order by by_payer.last_event_date desc nulls last, by_payer.payer_id desc nulls last
        ) as recency
    from by_payer
),

owed as (
    select
        claims.patient_key,
        sum(last_answers.patient_responsibility_amount) as responsibility_amount,
        count(*) as answered_claim_count
    from claims
    inner join last_answers on claims.claim_key = last_answers.claim_key
    where last_answers.recency = 1
    group by claims.patient_key
),

clinics as (
    select
        patient_key,
        min(clinic_id) as clinic_id
    from (
        select
            claims.patient_key,
            claims.clinic_id
        from claims
        union all
        select
            patient_payments.patient_key,
            patient_payments.clinic_id
        from {{ ref('int_ehr__patient_payments') }} as patient_payments
    ) as known
    group by patient_key
),

delivered as (
    select deliveries.clinic_id from {{ ref('int_ehr__deliveries') }} as deliveries
    where deliveries.table_name = 'patient_payment'
),

-- without the feed of patients' payments nobody knows what they paid
known as (
    select
        clinics.patient_key,
        clinics.clinic_id,
        coalesce(owed.answered_claim_count, 0) as answered_claim_count,
        {{ money_amount('coalesce(owed.responsibility_amount, 0)') }} as responsibility_amount,
        {% for name in ['paid', 'refunded', 'other_refund', 'package'] -%}
            case
                when delivered.clinic_id is not null
                    then {{ money_amount('coalesce(paid.' ~ name ~ '_amount, 0)') }}
            end as {{ name }}_amount,
        {% endfor -%}
        case when delivered.clinic_id is not null then coalesce(paid.unclear_payment_count, 0) end
            as unclear_payment_count,
        paid.last_paid_date
    from clinics
    left join owed on clinics.patient_key = owed.patient_key
    left join paid on clinics.patient_key = paid.patient_key
    left join delivered on clinics.clinic_id = delivered.clinic_id
    where owed.patient_key is not null or paid.patient_key is not null
),

final as (
    select
        patient_key,
        clinic_id,
        cast(answered_claim_count as integer) as answered_claim_count,
        responsibility_amount,
        paid_amount,
        refunded_amount,
        {{ money_amount('responsibility_amount - paid_amount + refunded_amount') }} as balance_amount,
        other_refund_amount,
        package_amount,
        cast(unclear_payment_count as integer) as unclear_payment_count,
        last_paid_date
    from known
)

select * from final
