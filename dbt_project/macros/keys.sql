{# md5 of the columns as text joined with |; null when any of them is null. The one way keys are made. #}
{% macro surrogate_key(columns) -%}
    md5(
        {%- for column in columns -%}
            cast({{ column }} as varchar){% if not loop.last %} || '|' || {% endif %}
        {%- endfor -%}
    )
{%- endmacro %}

{# md5 of facts as text joined with |, nulls told apart from empty text: changes when any fact changes. #}
{% macro row_hash(columns) -%}
    md5(
        {%- for column in columns -%}
            coalesce(cast({{ column }} as varchar), '~null~'){% if not loop.last %} || '|' || {% endif %}
        {%- endfor -%}
    )
{%- endmacro %}
