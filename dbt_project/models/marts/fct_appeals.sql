with appeals as (
    select * from {{ ref('int_ehr__appeals') }}
),

claims as (
    select
        claim_key,
        payer_id,
        payer_key,
        claim_outcome
    from {{ ref('fct_claims') }}
),

-- no outcome and no decision: the payer has not answered
settled as (
    select
        appeals.*,
        coalesce(appeals.appeal_outcome, case when appeals.decided_date is null then 'pending' end)
            as settled_outcome
    from appeals
),

final as (
    select
        settled.appeal_key,
        settled.claim_key,
        settled.claim_line_key,
        settled.patient_key,
        settled.clinic_id,
        settled.appeal_id,
        claims.payer_id,
        claims.payer_key,
        cast(settled.appeal_level as integer) as appeal_level,
        settled.sent_date,
        settled.decided_date,
        settled.settled_outcome as appeal_outcome,
        cast({{ days_between('settled.sent_date', 'settled.decided_date') }} as integer) as days_to_decision,
        cast(
            case
                when settled.settled_outcome = 'pending'
                    then {{ days_between('settled.sent_date', as_of_date()) }}
            end as integer
        ) as days_waiting,
        {{ money_amount('settled.requested_amount') }} as requested_amount,
        {{ money_amount('settled.recovered_amount') }} as recovered_amount,
        claims.claim_outcome,
        {{ as_of_date() }} as as_of_date
    from settled
    left join claims on settled.claim_key = claims.claim_key
)

select * from final
