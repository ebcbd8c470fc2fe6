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

{# How many of the conditions hold; null when none surely does and one of them is unknown. #}
{% macro count_of_true(conditions) -%}
    cast(
        case
            when {% for condition in conditions %}({{ condition }}){{ ' or ' if not loop.last }}{% endfor %}
                then
                    {% for condition in conditions -%}
                        case when {{ condition }} then 1 else 0 end{{ ' + ' if not loop.last }}
                    {%- endfor %}
            when not ({% for condition in conditions %}({{ condition }}){{ ' or ' if not loop.last }}{% endfor %})
                then 0
        end as integer
    )
{%- endmacro %}

{# A count of what is certain, unless it is 0 and something more is possible: then null. #}
{% macro certain_count(certain, possible) -%}
    cast(case when {{ certain }} > 0 then {{ certain }} when {{ possible }} = 0 then 0 end as integer)
{%- endmacro %}

{# Condition: the check digit of an NPI is right (Luhn over 80840 and its ten digits, which adds 24). #}
{% macro is_npi(column) -%}
    (
        {{ column }} = regexp_extract({{ column }}, '[0-9]{10}')
        and (
            24
            {%- for position in range(1, 11) -%}
                {%- set digit = 'try_cast(substr(' ~ column ~ ', ' ~ position ~ ', 1) as integer)' %}
            + {% if position % 2 %}{{ digit }} * 2 - case when {{ digit }} > 4 then 9 else 0 end
              {%- else %}{{ digit }}{% endif %}
            {%- endfor %}
        ) % 10 = 0
    )
{%- endmacro %}

{# The month of a date as a service month is written, yyyy-mm. #}
{% macro month_of(date) -%}
    substr(cast({{ date }} as varchar), 1, 7)
{%- endmacro %}

{# Minutes two spans of time share, 0 or more; null when an end is unknown. #}
{% macro shared_minutes(start, stop, other_start, other_stop) -%}
    case
        when {{ start }} is not null and {{ stop }} is not null
            and {{ other_start }} is not null and {{ other_stop }} is not null
            then greatest(0, {{ minutes_between(
                'greatest(' ~ start ~ ', ' ~ other_start ~ ')', 'least(' ~ stop ~ ', ' ~ other_stop ~ ')'
            ) }})
    end
{%- endmacro %}
