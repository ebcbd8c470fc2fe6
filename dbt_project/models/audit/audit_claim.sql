{# A view over the stored facts of the topics; a topic holds only the rows its rules are about. #}
{{ config(materialized='view') }}

{% set topics = ['provider'] %}
{% set hashes = ['facts.facts_hash'] %}
{% for topic in topics %}{% do hashes.append(topic ~ '.facts_hash') %}{% endfor %}

select
    {{ all_but('facts', ['facts_hash']) }},
    {% for topic in topics -%}
        {{ all_but(topic, ['claim_key', 'patient_key', 'facts_hash']) }},
    {% endfor -%}
    {{ row_hash(hashes) }} as row_hash,
    cast(null as date) as recheck_on
from {{ ref('int_ehr__claim_facts') }} as facts
{% for topic in topics -%}
    left join {{ ref('int_ehr__claim_' ~ topic ~ '_facts') }} as {{ topic }}
        on facts.claim_key = {{ topic }}.claim_key
{% endfor %}
