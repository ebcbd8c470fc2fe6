{#
    What was known when. Schema history holds one table function per canonical table:

        select * from history.encounters('2026-03-01')

    gives the records as the clinic's own system knew them at the end of that day (UTC): of the versions known by
    then the one that counts, deleted ones left out, ids as sent. A version is known from known_from where the
    export says so, else from the time its export was written; never from its arrival here. So a row that arrives
    late takes the place in history it always had. Readings that were superseded are gone from it.
#}

{# Canonical tables by staging model: name of the function, key of a record, business version. #}
{% macro history_tables() -%}
    {{ return({
        'stg_ehr__patients': ('patients', ['patient_key'], none),
        'stg_ehr__coverages': ('coverages', ['coverage_key'], none),
        'stg_ehr__payer_configs': (
            'payer_configs', ['clinic_id', 'payer_id', 'line_of_business', 'effective_from_date'], none),
        'stg_ehr__providers': ('providers', ['clinic_id', 'npi'], none),
        'stg_ehr__provider_credentials': ('provider_credentials', ['provider_credential_key'], none),
        'stg_ehr__sites': ('sites', ['clinic_id', 'site_id'], none),
        'stg_ehr__encounters': ('encounters', ['encounter_key'], none),
        'stg_ehr__administrations': ('administrations', ['administration_key'], none),
        'stg_ehr__observations': ('observations', ['observation_key'], none),
        'stg_ehr__medication_trials': ('medication_trials', ['medication_trial_key'], none),
        'stg_ehr__prior_auths': ('prior_auths', ['prior_auth_key'], 'prior_auth_version'),
        'stg_ehr__claims': ('claims', ['claim_key'], 'claim_version'),
        'stg_ehr__claim_lines': ('claim_lines', ['claim_line_key', 'claim_version'], none),
        'stg_ehr__time_logs': ('time_logs', ['time_log_key'], none),
        'stg_ehr__payer_policies': ('payer_policies', [
            'clinic_id', 'payer_id', 'line_of_business', 'parameter', 'valid_from_date', 'recorded_date'
        ], none),
        'stg_ehr__fee_schedules': ('fee_schedules', [
            'clinic_id', 'payer_id', 'line_of_business', 'procedure_code', 'modifier', 'place_of_service_code',
            'effective_from_date'
        ], none),
        'stg_ehr__rems_forms': ('rems_forms', ['encounter_key', 'form_type'], none),
        'stg_ehr__notices': ('notices', ['patient_key', 'notice_type', 'signed_date'], none),
        'stg_ehr__patient_payments': ('patient_payments', ['patient_payment_key'], none),
        'stg_ehr__bank_deposits': ('bank_deposits', ['deposit_key'], none),
        'stg_ehr__benefit_checks': ('benefit_checks', ['benefit_check_key'], none),
        'stg_ehr__appeals': ('appeals', ['appeal_key'], none),
        'stg_ehr__cash_sales': ('cash_sales', ['cash_sale_key'], none),
        'stg_ehr__superbills': ('superbills', ['superbill_key'], none),
        'stg_ehr__superbill_outcomes': ('superbill_outcomes', ['superbill_key'], none),
        'stg_ehr__session_documentations': ('session_documentations', ['encounter_key'], none),
        'stg_ehr__prescriptions': ('prescriptions', ['prescription_key'], none),
        'stg_ehr__diagnoses': ('diagnoses', ['diagnosis_key'], none),
        'stg_ehr__patient_merges': ('patient_merges', ['patient_key'], none),
    }) }}
{%- endmacro %}

{# on-run-end: the functions of the tables that have been built. #}
{% macro make_history() -%}
    {{ return(adapter.dispatch('make_history')()) }}
{%- endmacro %}

{% macro default__make_history() -%}
    {%- if execute -%}
        create schema if not exists history;
        {%- for model_name, (function_name, key, business_version) in history_tables().items() %}
            {%- set staged = adapter.get_relation(target.database, 'staging', model_name) -%}
            {%- if staged %}
                create or replace macro history.{{ function_name }}(known_on) as table
                select * exclude (version_rank)
                from {{ ranked_versions(
                    staged, key, business_version=business_version, condition=known_at('versions') ~ ' < cast(known_on as date) + interval 1 day'
                ) }} as known
                where version_rank = 1 and not is_deleted;
            {%- endif %}
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}
