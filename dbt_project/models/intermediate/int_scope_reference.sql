{{ config(materialized='table') }}

{% set relations = [
    'int_ehr__sites', 'int_ehr__providers', 'int_ehr__provider_credentials', 'int_ehr__fee_schedules',
    'int_ehr__payer_policies', 'int_ehr__deliveries', 'int_ehr__fhir_directory', 'int_ehr__clinic_histories',
    'int_reference__releases', 'code_reference', 'code_group', 'code_dose_band', 'code_drug', 'drug_reference',
    'payer_aliases', 'label_dose', 'rule_threshold', 'code_parent', 'ndc_reference', 'ncci_ptp_extract', 'mue_extract',
    'antidepressant_dose',
    'payers', 'int_billed__provider_clinics',
    'code_minute_band', 'prolonged_threshold',
] %}

select
    md5(
        {%- for relation in relations %}
            {{ relation_hash(ref(relation)) }}{{ " || " if not loop.last }}
        {%- endfor %}
    ) as reference_hash
