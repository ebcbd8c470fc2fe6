{# Every column of a relation but the named ones: how an audit model takes over the facts of its topics. #}
{% macro all_but(alias, columns) -%}
    {{ return(adapter.dispatch('all_but')(alias, columns)) }}
{%- endmacro %}

{% macro default__all_but(alias, columns) -%}
    {{ alias }}.* exclude ({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__all_but(alias, columns) -%}
    {{ alias }}.* except ({{ columns | join(', ') }})
{%- endmacro %}

{# The number of seed rule_threshold in force on the date; null without one. #}
{% macro threshold(name, date) -%}
    (
        select max(thresholds.value)
        from {{ ref('rule_threshold') }} as thresholds
        where
            thresholds.threshold_name = '{{ name }}'
            and {{ is_in_force(date, 'thresholds.valid_from', 'thresholds.valid_to') }}
    )
{%- endmacro %}

{# Aggregate condition: one of the grouped rows of code_group is of the group. #}
{% macro has_group(alias, group_name) -%}
    count(case when {{ alias }}.group_name = '{{ group_name }}' then 1 end) > 0
{%- endmacro %}

{# Condition: a list joined with ; holds the code, whatever its case and blanks; null when the list is. #}
{% macro list_holds(list, code) -%}
    ';' || upper(replace({{ list }}, ' ', '')) || ';' like '%;' || {{ code }} || ';%'
{%- endmacro %}
