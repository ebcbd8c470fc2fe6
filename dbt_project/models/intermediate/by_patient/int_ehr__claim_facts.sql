with claims as (
    select * from {{ ref('int_ehr__claims') }}
    where
        is_standing
        and {{ in_changed_scopes('patient_key') }}
),

diagnoses as (
    select
        claim_diagnoses.claim_key,
        count(*) as diagnosis_count,
        count(case when not claim_diagnoses.is_billable_on_service_date then 1 end)
            as invalid_diagnosis_count,
        count(case when not claim_diagnoses.is_known_code then 1 end) as unknown_diagnosis_count
    from {{ ref('int_ehr__claim_diagnoses') }} as claim_diagnoses
    where {{ in_changed_scopes('claim_diagnoses.patient_key') }}
    group by claim_diagnoses.claim_key
),

facts as (
    select
        claims.clinic_id,
        claims.claim_id as subject_key,
        claims.claim_key,
        claims.patient_key,
        claims.claim_status,
        claims.payer_id,
        claims.line_of_business,
        claims.first_service_date,
        cast(claims.line_count as integer) as line_count,
        claims.charge_amount,
        claims.line_charge_amount,
        cast(coalesce(diagnoses.diagnosis_count, 0) as integer) as diagnosis_count,
        cast(
            case
                when claims.first_service_date is not null then coalesce(diagnoses.invalid_diagnosis_count, 0)
            end
            as integer
        ) as invalid_diagnosis_count,
        cast(coalesce(diagnoses.unknown_diagnosis_count, 0) as integer) as unknown_diagnosis_count,
        claims.is_billed and claims.is_in_ehr as is_in_ehr_and_837p,
        claims.billed_difference_count,
        claims.billed_differences
    from claims
    left join diagnoses on claims.claim_key = diagnoses.claim_key
),

judged as (
    select
        facts.*,
        case
            when facts.invalid_diagnosis_count > 0 or facts.unknown_diagnosis_count = 0
                then facts.invalid_diagnosis_count
        end as judged_invalid_diagnosis_count
    from facts
),

final as (
    select
        judged.*,
        {{ row_hash([
            'judged.claim_key', 'judged.patient_key', 'judged.claim_status', 'judged.payer_id',
            'judged.line_of_business', 'judged.first_service_date', 'judged.line_count', 'judged.charge_amount',
            'judged.line_charge_amount', 'judged.diagnosis_count', 'judged.invalid_diagnosis_count',
            'judged.unknown_diagnosis_count', 'judged.is_in_ehr_and_837p', 'judged.billed_difference_count',
            'judged.billed_differences',
        ]) }} as facts_hash
    from judged
)

select * from final
