with checks as (
    select * from {{ ref('int_ehr__benefit_checks') }}
),

final as (
    select
        checks.benefit_check_key,
        checks.patient_key,
        checks.coverage_key,
        checks.clinic_id,
        checks.check_id,
        checks.payer_id,
        {{ surrogate_key(['checks.payer_id']) }} as payer_key,
        checks.drug_name,
        checks.verified_date,
        row_number() over (
            partition by checks.patient_key, checks.payer_id, checks.drug_name
            order by checks.verified_date desc, checks.benefit_check_key desc
        ) = 1 as is_newest,
        cast({{ days_between('checks.verified_date', as_of_date()) }} as integer) as age_days,
        checks.is_plan_active,
        checks.network_status,
        checks.is_prior_auth_required,
        {{ money_amount('checks.deductible_left_amount') }} as deductible_left_amount,
        {{ money_amount('checks.out_of_pocket_left_amount') }} as out_of_pocket_left_amount,
        {{ money_amount('checks.copay_amount') }} as copay_amount,
        checks.coinsurance_pct,
        {{ as_of_date() }} as as_of_date
    from checks
)

select * from final
