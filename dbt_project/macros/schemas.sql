{# Schemas are named for their layer (staging, intermediate, audit, marts, seeds), without a target prefix. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
