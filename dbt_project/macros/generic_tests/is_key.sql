{# Fails with one row per key that repeats or has an empty part; parts in `nullable` may be empty. #}
{% test is_key(model, columns, nullable=[]) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for column in columns if column not in nullable -%}
            or {{ column }} is null
        {% endfor %}
{% endtest %}
