{# A view over the stored facts of the topics and of what PAs have left, which follows from
    remittances; a topic holds only the rows its rules are about. #}
{{ config(materialized='view') }}

{% set topics = [
    'bundle', 'care', 'drug_units', 'infusion', 'modifier', 'ndc', 'provider', 'psychotherapy', 'record', 'telehealth',
    'visit',
] %}
{% set hashes = ['facts.facts_hash', 'prior_auth_usage.units_left'] %}
{% for topic in topics %}{% do hashes.append(topic ~ '.facts_hash') %}{% endfor %}

select
    {{ all_but('facts', ['scheduled_charge_unit_amount', 'facts_hash']) }},
    prior_auth_usage.units_left as pa_units_left,
    {% for topic in topics -%}
        {{ all_but(topic, ['claim_line_key', 'patient_key', 'facts_hash']) }},
    {% endfor -%}
    {{ row_hash(hashes) }} as row_hash,
    cast(null as date) as recheck_on
from {{ ref('int_ehr__line_facts') }} as facts
left join {{ ref('int_ehr__prior_auth_usage') }} as prior_auth_usage
    on facts.claim_line_key = prior_auth_usage.claim_line_key
{% for topic in topics -%}
    left join {{ ref('int_ehr__line_' ~ topic ~ '_facts') }} as {{ topic }}
        on facts.claim_line_key = {{ topic }}.claim_line_key
{% endfor %}
