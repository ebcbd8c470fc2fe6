{#
    A FHIR export points from one resource to another by `Type/id`. What a pointer stands for is looked up in
    int_ehr__fhir_directory, which may have been delivered before, after or with it.
#}

{# Join of the directory under an alias. #}
{% macro join_directory(alias, clinic_id, pointer) -%}
    left join {{ ref('int_ehr__fhir_directory') }} as {{ alias }}
        on
            {{ clinic_id }} = {{ alias }}.clinic_id
            and {{ pointer }} = {{ alias }}.pointer
{%- endmacro %}

{# The NPI a pointer stands for; a pointer nothing is known of is no NPI. Other text stays as it is. #}
{% macro npi_of(column, alias) -%}
    coalesce({{ alias }}.npi, case when {{ column }} not like '%/%' then {{ column }} end)
{%- endmacro %}
