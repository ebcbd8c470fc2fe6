with superbills as (
    select * from {{ ref('int_ehr__superbills') }}
),

outcomes as (
    select * from {{ ref('int_ehr__superbill_outcomes') }}
),

-- an outcome may be known of a superbill that was not exported
joined as (
    select
        coalesce(superbills.superbill_key, outcomes.superbill_key) as superbill_key,
        coalesce(superbills.patient_key, outcomes.patient_key) as patient_key,
        superbills.encounter_key,
        coalesce(superbills.clinic_id, outcomes.clinic_id) as clinic_id,
        coalesce(superbills.superbill_id, outcomes.superbill_id) as superbill_id,
        superbills.given_date,
        superbills.service_date,
        {{ money_amount('superbills.charge_amount') }} as charge_amount,
        {{ money_amount('superbills.paid_amount') }} as paid_amount,
        case
            when outcomes.superbill_key is null then 'not_reported'
            else coalesce(outcomes.superbill_outcome, 'unknown')
        end as superbill_outcome,
        outcomes.sent_date,
        outcomes.decided_date,
        {{ money_amount('outcomes.reimbursed_amount') }} as reimbursed_amount
    from superbills
    full outer join outcomes on superbills.superbill_key = outcomes.superbill_key
),

final as (
    select
        joined.*,
        {{ money_amount('joined.paid_amount - joined.reimbursed_amount') }} as patient_cost_amount
    from joined
)

select * from final
