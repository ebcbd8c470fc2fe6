{# Patient control number as compared: upper case, trimmed, cut where payers cut it (20), zero-stripped; '' is null. #}
{% macro money_control_number(column) -%}
    nullif(ltrim(substr(upper(trim({{ column }})), 1, 20), '0'), '')
{%- endmacro %}

{# CARC as looked up: payers send 01 for 1. #}
{% macro money_carc(column) -%}
    ltrim(upper(trim({{ column }})), '0')
{%- endmacro %}

{# An amount of money, exact; wide enough for anything a reader accepts, so that no odd file stops a build. #}
{% macro money_amount(expression) -%}
    cast({{ expression }} as decimal(18, 2))
{%- endmacro %}

{# An amount as whole cents: integers leave the warehouse without rounding. #}
{% macro money_cents(expression) -%}
    cast(({{ expression }}) * 100 as bigint)
{%- endmacro %}
