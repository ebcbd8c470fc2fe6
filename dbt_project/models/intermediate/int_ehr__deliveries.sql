{{ config(materialized='table') }}

{% set tables = {
    'patient': 'stg_ehr__patients',
    'coverage': 'stg_ehr__coverages',
    'payer_config': 'stg_ehr__payer_configs',
    'provider': 'stg_ehr__providers',
    'provider_credential': 'stg_ehr__provider_credentials',
    'site': 'stg_ehr__sites',
    'encounter': 'stg_ehr__encounters',
    'administration': 'stg_ehr__administrations',
    'observation': 'stg_ehr__observations',
    'medication_trial': 'stg_ehr__medication_trials',
    'prior_auth': 'stg_ehr__prior_auths',
    'claim': 'stg_ehr__claims',
    'claim_line': 'stg_ehr__claim_lines',
    'time_log': 'stg_ehr__time_logs',
    'payer_policy': 'stg_ehr__payer_policies',
    'fee_schedule': 'stg_ehr__fee_schedules',
    'rems_form': 'stg_ehr__rems_forms',
    'notice': 'stg_ehr__notices',
    'patient_payment': 'stg_ehr__patient_payments',
    'bank_deposit': 'stg_ehr__bank_deposits',
    'benefit_check': 'stg_ehr__benefit_checks',
    'appeal': 'stg_ehr__appeals',
    'cash_sale': 'stg_ehr__cash_sales',
    'superbill': 'stg_ehr__superbills',
    'superbill_outcome': 'stg_ehr__superbill_outcomes',
    'session_documentation': 'stg_ehr__session_documentations',
    'prescription': 'stg_ehr__prescriptions',
    'diagnosis': 'stg_ehr__diagnoses',
    'patient_merge': 'stg_ehr__patient_merges',
} %}

{% for table_name, model_name in tables.items() -%}
    select distinct
        delivered.clinic_id,
        '{{ table_name }}' as table_name
    from {{ ref(model_name) }} as delivered
    where delivered.clinic_id is not null
    {% if not loop.last %}union all{% endif %}
{% endfor %}
