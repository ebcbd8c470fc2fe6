with newest as (
    select
        current_rows.*,
        coalesce(medications.resource_name, current_rows.drug_name) as drug_text
    from {{ current_patient_rows('stg_ehr__medication_trials', 'medication_trial_key') }} as current_rows
    {{ join_directory('medications', 'current_rows.clinic_id', 'current_rows.drug_name') }}
)

select
    newest.medication_trial_key,
    newest.surviving_patient_key as patient_key,
    newest.clinic_id,
    newest.trial_id,
    newest.surviving_patient_id as patient_id,
    coalesce(drugs.drug_name, {{ first_word('newest.drug_text') }}) as drug_name,
    newest.drug_class,
    newest.max_dose_mg,
    newest.start_date,
    newest.stop_date,
    newest.trial_weeks,
    newest.episode_number,
    newest.is_augmentation,
    lower(newest.trial_outcome) as trial_outcome,
    newest.improvement_pct,
    newest.trial_source,
    newest.evidence_reference
from newest
left join {{ ref('drug_reference') }} as drugs
    on {{ first_word('newest.drug_text') }} = drugs.drug_alias
