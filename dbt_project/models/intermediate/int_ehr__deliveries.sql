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

{#
    Columns a form of delivery may have no place for, though it brings the rows: a FHIR Patient tells no REMS
    enrolment. A clinic that never filled one has not delivered it.
#}
{% set columns = {
    'patient.rems_enrolled_on': ('stg_ehr__patients', 'rems_enrolled_date'),
    'site.rems_site_id': ('stg_ehr__sites', 'rems_site_id'),
} %}

{% for table_name, model_name in tables.items() -%}
    select distinct
        delivered.clinic_id,
        '{{ table_name }}' as table_name
    from {{ ref(model_name) }} as delivered
    where delivered.clinic_id is not null
    union
{% endfor %}
{%- for name, (model_name, column) in columns.items() -%}
    select distinct
        delivered.clinic_id,
        '{{ name }}' as table_name
    from {{ ref(model_name) }} as delivered
    where
        delivered.clinic_id is not null
        and delivered.{{ column }} is not null
    union
{% endfor %}
-- an 837P tells what was billed as a report of claims does
{%- for table_name in ('claim', 'claim_line') %}
    select distinct
        billed.clinic_id,
        '{{ table_name }}' as table_name
    from {{ ref('int_billed__claims') }} as billed
    where billed.clinic_id is not null
    {% if not loop.last %}union{% endif %}
{%- endfor %}
