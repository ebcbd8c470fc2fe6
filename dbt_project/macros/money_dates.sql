{# One row per day, column calendar_date, from one date to another; no row when either is null. #}
{% macro money_days(relation, first_date, last_date) -%}
    {{ return(adapter.dispatch('money_days')(relation, first_date, last_date)) }}
{%- endmacro %}

{% macro default__money_days(relation, first_date, last_date) -%}
    select cast(unnest(generate_series({{ first_date }}, {{ last_date }}, interval 1 day)) as date) as calendar_date
    from {{ relation }}
{%- endmacro %}

{% macro spark__money_days(relation, first_date, last_date) -%}
    select explode(sequence({{ first_date }}, {{ last_date }}, interval 1 day)) as calendar_date
    from {{ relation }}
{%- endmacro %}
