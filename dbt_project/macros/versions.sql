{#
    All versions of the records of a staging relation with version_rank, 1 = newest. Order: the business
    version where the record has one, the EHR's own record version, the time the EHR knew it (known_at), the
    time the export was written, then content address and row: never the order of arrival.
#}
{% macro ranked_versions(relation, key, business_version=none, condition='true') -%}
    (
        select
            versions.*,
            row_number() over (
                partition by {% for column in key %}versions.{{ column }}{{ ", " if not loop.last }}{% endfor %}
                order by
                    {%- if business_version %}
                    versions.{{ business_version }} desc nulls last,
                    {%- endif %}
                    versions.record_version desc nulls last,
                    {{ known_at('versions') }} desc nulls last,
                    versions._exported_at desc nulls last,
                    versions._file_sha256 desc,
                    versions._row_number desc
            ) as version_rank
        from {{ relation }} as versions
        where {{ condition }}
    )
{%- endmacro %}

{# When the clinic's system knew a version: since known_from where the export says so, else when it was written. #}
{% macro known_at(versions) -%}
    coalesce({{ versions }}.known_from_utc, {{ versions }}.known_from_local, {{ versions }}._exported_at)
{%- endmacro %}
