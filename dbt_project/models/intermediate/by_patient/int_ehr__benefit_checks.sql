with newest as (
    select * from {{ current_patient_rows('stg_ehr__benefit_checks', 'benefit_check_key') }} as current_rows
)

select
    newest.benefit_check_key,
    newest.surviving_patient_key as patient_key,
    newest.coverage_key,
    newest.clinic_id,
    newest.check_id,
    newest.surviving_patient_id as patient_id,
    newest.coverage_id,
    coalesce(aliases.payer_id, {{ normalised_payer('newest.payer_id') }}) as payer_id,
    newest.verified_date,
    coalesce(drugs.drug_name, {{ first_word('newest.drug_name') }}) as drug_name,
    newest.is_plan_active,
    lower(newest.network_status) as network_status,
    newest.is_prior_auth_required,
    newest.deductible_left_amount,
    newest.out_of_pocket_left_amount,
    newest.copay_amount,
    newest.coinsurance_pct,
    newest.reference_number
from newest
left join {{ ref('payer_aliases') }} as aliases
    on {{ normalised_payer('newest.payer_id') }} = aliases.payer_alias
left join {{ ref('drug_reference') }} as drugs
    on {{ first_word('newest.drug_name') }} = drugs.drug_alias
