{# Bound of the 95 % Wilson score interval of a share, in percent with one decimal; null when nothing was tried. Wilson
    holds for few trials and for shares of 0 and 100 %, where the usual interval has no width. `side`: low or high. #}
{% macro wilson_pct(successes, trials, side) -%}
    {%- set z = 1.959964 -%}
    {%- set sign = '-' if side == 'low' else '+' -%}
    cast(
        case
            when {{ trials }} > 0 then 100.0 * (
                {{ successes }} + {{ z * z / 2 }}
                {{ sign }} {{ z }} * sqrt(
                    cast({{ successes }} as double) * ({{ trials }} - {{ successes }}) / {{ trials }} + {{ z * z / 4 }}
                )
            ) / ({{ trials }} + {{ z * z }})
        end as decimal(5, 1)
    )
{%- endmacro %}
