{# Control number (CLM01, pcn) as compared: trimmed; '' is null. #}
{% macro billed_control_number(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{# Key of a control number, the same for 837P and EHR. #}
{% macro billed_control_key(column) -%}
    md5('control number|' || {{ billed_control_number(column) }})
{%- endmacro %}

{# Member number as compared: upper case, letters and digits only; '' is null. #}
{% macro billed_member_number(column) -%}
    nullif(upper(regexp_replace({{ column }}, '[^0-9A-Za-z]', '', 'g')), '')
{%- endmacro %}

{# Key of a member number, the same for 837P and EHR. #}
{% macro billed_member_key(column) -%}
    md5('member|' || {{ billed_member_number(column) }})
{%- endmacro %}

{# Stands for the patient of an 837P claim whose patient nobody knows: rows are rebuilt by patient. #}
{% macro billed_stand_in_key(column) -%}
    md5('no patient|' || coalesce({{ billed_control_number(column) }}, ''))
{%- endmacro %}

{# Name of a field when both sides say something and not the same; null otherwise. #}
{% macro billed_difference(name, ours, billed) -%}
    case when {{ ours }} <> {{ billed }} then '{{ name }}' end
{%- endmacro %}

{#
    CTEs member_keys and billed_patient_keys of int_scope_changes: whose claims a number of a member, of a claim or
    a person leads to. emitted is a CTE of scope_kind, scope_key, _file_sha256, commit_number.
#}
{% macro billed_scope_keys(emitted) -%}
member_keys as (
    select
        emitted_keys.scope_key as member_key,
        emitted_keys._file_sha256,
        emitted_keys.commit_number
    from {{ emitted }} as emitted_keys
    where emitted_keys.scope_kind = 'member'
    union
    select
        {{ billed_member_key('coverages.member_id') }} as member_key,
        emitted_keys._file_sha256,
        emitted_keys.commit_number
    from {{ emitted }} as emitted_keys
    inner join {{ ref('stg_ehr__coverages') }} as coverages
        on emitted_keys.scope_key = coverages.patient_key
    where emitted_keys.scope_kind = 'person'
    union
    select
        claims.member_key,
        emitted_keys._file_sha256,
        emitted_keys.commit_number
    from {{ emitted }} as emitted_keys
    inner join {{ ref('stg_billed__claims') }} as claims
        on emitted_keys.scope_key = claims.control_number_key
    where emitted_keys.scope_kind = 'control_number'
),

-- whoever may be, or may have been, the patient of a claim so touched
billed_patient_keys as (
    select
        coverages.patient_key as scope_key,
        member_keys._file_sha256,
        member_keys.commit_number
    from member_keys
    inner join {{ ref('stg_ehr__coverages') }} as coverages
        on member_keys.member_key = {{ billed_member_key('coverages.member_id') }}
    union
    select
        claims.stand_in_patient_key as scope_key,
        member_keys._file_sha256,
        member_keys.commit_number
    from member_keys
    inner join {{ ref('stg_billed__claims') }} as claims
        on member_keys.member_key = claims.member_key
    union
    select
        claims.stand_in_patient_key as scope_key,
        emitted_keys._file_sha256,
        emitted_keys.commit_number
    from {{ emitted }} as emitted_keys
    inner join {{ ref('stg_billed__claims') }} as claims
        on emitted_keys.scope_key = claims.control_number_key
    where emitted_keys.scope_kind = 'control_number'
    {% for column in ['patient_control_number', 'claim_id'] -%}
        union
        select
            claims.patient_key as scope_key,
            emitted_keys._file_sha256,
            emitted_keys.commit_number
        from {{ emitted }} as emitted_keys
        inner join {{ ref('stg_ehr__claims') }} as claims
            on emitted_keys.scope_key = {{ billed_control_key('claims.' ~ column) }}
        where emitted_keys.scope_kind = 'control_number'
    {% endfor -%}
)
{%- endmacro %}
