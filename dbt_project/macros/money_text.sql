{# Patient control number as compared: upper case, trimmed, cut where payers cut it (20), zero-stripped; '' is null. #}
{% macro money_control_number(column) -%}
    nullif(ltrim(substr(upper(trim({{ column }})), 1, 20), '0'), '')
{%- endmacro %}

{# A number two sides write differently (trace, payer's claim number): upper case, no blanks, zero-stripped; '' is null. #}
{% macro money_reference_number(column) -%}
    nullif(ltrim(replace(upper({{ column }}), ' ', ''), '0'), '')
{%- endmacro %}

{# The numbers in a reference, in upper case with one blank between them: payers part them by blanks or one of /,;| #}
{% macro money_reference_numbers(column) -%}
    {%- set spaced = namespace(sql='upper(' ~ column ~ ')') -%}
    {%- for mark in ['/', ',', ';', '|'] -%}
        {%- set spaced.sql = "replace(" ~ spaced.sql ~ ", '" ~ mark ~ "', ' ')" -%}
    {%- endfor -%}
    {%- for _ in range(5) -%}{%- set spaced.sql = "replace(" ~ spaced.sql ~ ", '  ', ' ')" -%}{%- endfor -%}
    trim({{ spaced.sql }})
{%- endmacro %}

{# CARC as looked up: payers send 01 for 1. #}
{% macro money_carc(column) -%}
    ltrim(upper(trim({{ column }})), '0')
{%- endmacro %}

{# An amount of money, exact; wide enough for anything a reader accepts, so that no odd file stops a build. #}
{% macro money_amount(expression) -%}
    cast({{ expression }} as decimal(18, 2))
{%- endmacro %}

{# Key of a service line of a remittance; null on rows of the claim itself. #}
{% macro money_remit_line_key(claims, rows) -%}
    {{ surrogate_key([claims ~ '.payment_key', rows ~ '.claim_index', rows ~ '.line_index']) }}
{%- endmacro %}

{# An amount as whole cents: integers leave the warehouse without rounding. #}
{% macro money_cents(expression) -%}
    cast(({{ expression }}) * 100 as bigint)
{%- endmacro %}

{# A sum only a counted payment has: 0 when it has no rows of the kind; null on others, for which nothing counts. #}
{% macro money_counted(column, data_type='integer') -%}
    case when payments.payment_state = 'counted' then cast(coalesce({{ column }}, 0) as {{ data_type }}) end
{%- endmacro %}
