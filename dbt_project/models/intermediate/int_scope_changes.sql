{#
    What a row may touch, told by the row alone: its own key, because the record may have moved from another
    patient, and the keys it hangs on, because those may arrive later.
#}
{% set emitted = [
    ('stg_ehr__coverages', 'patient', 'patient_key'),
    ('stg_ehr__coverages', 'coverage', 'coverage_key'),
    ('stg_ehr__encounters', 'patient', 'patient_key'),
    ('stg_ehr__encounters', 'encounter', 'encounter_key'),
    ('stg_ehr__administrations', 'administration', 'administration_key'),
    ('stg_ehr__administrations', 'encounter', 'encounter_key'),
    ('stg_ehr__claims', 'patient', 'patient_key'),
    ('stg_ehr__claims', 'claim', 'claim_key'),
    ('stg_ehr__claim_lines', 'claim', 'claim_key'),
    ('stg_ehr__prior_auths', 'patient', 'patient_key'),
    ('stg_ehr__prior_auths', 'prior_auth', 'prior_auth_key'),
    ('stg_ehr__patients', 'patient', 'patient_key'),
    ('stg_ehr__patient_merges', 'patient', 'patient_key'),
    ('stg_ehr__patient_merges', 'patient', 'surviving_patient_key'),
    ('stg_ehr__notices', 'patient', 'patient_key'),
    ('stg_ehr__rems_forms', 'encounter', 'encounter_key'),
    ('stg_ehr__session_documentations', 'encounter', 'encounter_key'),
] %}
{#
    Records nothing else hangs on: (model, own key, scope kind, key it hangs on). There are many of them, so their
    own keys are not kept; what is kept is where each stood before and stands now, under every input that says so.
#}
{% set leaves = [
    ('stg_ehr__observations', 'observation_key', 'patient', 'patient_key'),
    ('stg_ehr__medication_trials', 'medication_trial_key', 'patient', 'patient_key'),
    ('stg_ehr__patient_payments', 'patient_payment_key', 'patient', 'patient_key'),
    ('stg_ehr__time_logs', 'time_log_key', 'patient', 'patient_key'),
    ('stg_ehr__time_logs', 'time_log_key', 'encounter', 'encounter_key'),
    ('stg_ehr__benefit_checks', 'benefit_check_key', 'patient', 'patient_key'),
    ('stg_ehr__cash_sales', 'cash_sale_key', 'patient', 'patient_key'),
    ('stg_ehr__superbills', 'superbill_key', 'patient', 'patient_key'),
    ('stg_ehr__superbill_outcomes', 'superbill_key', 'patient', 'patient_key'),
    ('stg_ehr__prescriptions', 'prescription_key', 'patient', 'patient_key'),
    ('stg_ehr__diagnoses', 'diagnosis_key', 'patient', 'patient_key'),
] %}
{#
    What an 837P and the EHR find each other by: numbers of claims and of members, and the person (their birth
    date). A row that brings one may give a claim another patient, or take it from one.
#}
{% set linked = [
    ('stg_billed__claims', 'control_number', 'rows_in.control_number_key'),
    ('stg_billed__claims', 'member', 'rows_in.member_key'),
    ('stg_ehr__claims', 'control_number', billed_control_key('rows_in.patient_control_number')),
    ('stg_ehr__claims', 'control_number', billed_control_key('rows_in.claim_id')),
    ('stg_ehr__coverages', 'member', billed_member_key('rows_in.member_id')),
    ('stg_ehr__patients', 'person', 'rows_in.patient_key'),
    ('stg_ehr__patient_merges', 'person', 'rows_in.patient_key'),
    ('stg_ehr__patient_merges', 'person', 'rows_in.surviving_patient_key'),
] %}
{% set billed_parts = ['stg_billed__transactions', 'stg_billed__claim_lines', 'stg_billed__diagnoses'] %}
{% set upstream = ((emitted + leaves + linked) | map(attribute=0) | list + billed_parts) | unique | list %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{% if not is_incremental() %}{{ forget_consumed() }}{% endif %}",
    post_hook="{{ mark_consumed(consumed_by_all(" ~ upstream | tojson | replace('"', "'") ~ ")) }}",
) }}

-- some parts stand only in an incremental build
-- noqa: disable=ST03,LT02
with new_commits as (
    select
        commits.commit_id,
        commits.commit_number
    from {{ source('raw', 'ledger_commit') }} as commits
    where
        commits.commit_number > {{ consumed_through() }}
        and commits.commit_number <= {{ consumed_by_all(upstream) }}
),

touched_files as (
    select
        inputs.file_sha256,
        new_commits.commit_number
    from {{ source('raw', 'ledger_input') }} as inputs
    inner join new_commits on inputs.commit_id = new_commits.commit_id
    union
    select
        actions.file_sha256,
        new_commits.commit_number
    from {{ source('raw', 'ledger_action') }} as actions
    inner join new_commits on actions.commit_number = new_commits.commit_number
),

emitted_keys as (
    {% for model_name, scope_kind, column in emitted -%}
        select
            '{{ scope_kind }}' as scope_kind,
            rows_in.{{ column }} as scope_key,
            rows_in._file_sha256,
            new_commits.commit_number
        from {{ ref(model_name) }} as rows_in
        inner join new_commits on rows_in._commit_id = new_commits.commit_id
        union
    {% endfor %}
    {%- for model_name, record_key, scope_kind, column in leaves -%}
        select
            '{{ scope_kind }}' as scope_kind,
            rows_in.{{ column }} as scope_key,
            rows_in._file_sha256,
            new_commits.commit_number
        from {{ ref(model_name) }} as rows_in
        inner join new_commits on rows_in._commit_id = new_commits.commit_id
        {% for place, teller in [('others', 'rows_in'), ('rows_in', 'others')] -%}
            union
            select
                '{{ scope_kind }}' as scope_kind,
                {{ place }}.{{ column }} as scope_key,
                {{ teller }}._file_sha256,
                new_commits.commit_number
            from {{ ref(model_name) }} as rows_in
            inner join new_commits on rows_in._commit_id = new_commits.commit_id
            inner join {{ ref(model_name) }} as others
                on
                    rows_in.{{ record_key }} = others.{{ record_key }}
                    and rows_in.{{ column }} is distinct from others.{{ column }}
        {% endfor %}
        {% if not loop.last %}union{% endif %}
    {% endfor %}
    {% for model_name, scope_kind, expression in linked -%}
        union
        select
            '{{ scope_kind }}' as scope_kind,
            {{ expression }} as scope_key,
            rows_in._file_sha256,
            new_commits.commit_number
        from {{ ref(model_name) }} as rows_in
        inner join new_commits on rows_in._commit_id = new_commits.commit_id
    {% endfor %}
    {%- if is_incremental() %}
        -- an input read again, released or rejected touches whatever it touched before
        union
        select
            earlier.scope_kind,
            earlier.scope_key,
            earlier._file_sha256,
            touched_files.commit_number
        from {{ this }} as earlier
        inner join touched_files on earlier._file_sha256 = touched_files.file_sha256
    {%- endif %}
),

administration_keys as (
    select
        'encounter' as scope_kind,
        administrations.encounter_key as scope_key,
        emitted_keys._file_sha256,
        emitted_keys.commit_number
    from emitted_keys
    inner join {{ ref('stg_ehr__administrations') }} as administrations
        on emitted_keys.scope_key = administrations.administration_key
    where emitted_keys.scope_kind = 'administration'
),

all_keys as (
    select * from emitted_keys
    union
    select * from administration_keys
),

-- patients of every version of the record, so that a patient it left is touched too
patient_keys as (
    {% for model_name, scope_kind, column in [
        ('stg_ehr__coverages', 'coverage', 'coverage_key'),
        ('stg_ehr__encounters', 'encounter', 'encounter_key'),
        ('stg_ehr__claims', 'claim', 'claim_key'),
        ('stg_ehr__prior_auths', 'prior_auth', 'prior_auth_key'),
    ] -%}
        select
            'patient' as scope_kind,
            records.patient_key as scope_key,
            all_keys._file_sha256,
            all_keys.commit_number
        from all_keys
        inner join {{ ref(model_name) }} as records
            on all_keys.scope_key = records.{{ column }}
        where all_keys.scope_kind = '{{ scope_kind }}'
        {% if not loop.last %}union{% endif %}
    {% endfor %}
),

{{ billed_scope_keys('emitted_keys') }},

scopes as (
    select * from all_keys
    union
    select * from patient_keys
    union
    select
        'patient' as scope_kind,
        billed_patient_keys.scope_key,
        billed_patient_keys._file_sha256,
        billed_patient_keys.commit_number
    from billed_patient_keys
    union
    -- ids merged into one another change together
    select
        'patient' as scope_kind,
        links.linked_patient_key as scope_key,
        patients.scope_file as _file_sha256,
        patients.commit_number
    from (
        select
            all_keys.scope_key,
            all_keys._file_sha256 as scope_file,
            all_keys.commit_number
        from all_keys
        where all_keys.scope_kind = 'patient'
        union
        select
            patient_keys.scope_key,
            patient_keys._file_sha256 as scope_file,
            patient_keys.commit_number
        from patient_keys
        union
        select
            billed_patient_keys.scope_key,
            billed_patient_keys._file_sha256 as scope_file,
            billed_patient_keys.commit_number
        from billed_patient_keys
    ) as patients
    inner join {{ ref('int_ehr__patient_links') }} as links
        on patients.scope_key = links.patient_key
    {%- if not is_incremental() %}
    -- what earlier inputs touched is no longer known: whoever lags behind builds anew
    union
    select
        'all' as scope_kind,
        '*' as scope_key,
        '' as _file_sha256,
        max(new_commits.commit_number) as commit_number
    from new_commits
    having count(*) > 0
    {%- endif %}
)

select *
from scopes
where scope_key is not null
