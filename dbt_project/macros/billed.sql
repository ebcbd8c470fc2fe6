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
