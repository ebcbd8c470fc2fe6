{# A view over the stored facts of the topics; a topic holds only the rows its rules are about. #}
{{ config(materialized='view') }}

{% set topics = ['form', 'provider', 'treatment'] %}
{% set hashes = ['facts.facts_hash', 'timed.filing_state'] %}
{% for topic in topics %}{% do hashes.append(topic ~ '.facts_hash') %}{% endfor %}

-- what depends on today: the last day to file
with timed as (
    select
        claims.claim_key,
        case
            when claims.is_filed and claims.filed_date > claims.filing_due_date then 'filed_late'
            when claims.is_filed and claims.filed_date <= claims.filing_due_date then 'filed_in_time'
            when claims.is_filed is null or claims.is_filed then null
            when claims.filing_due_date < {{ as_of_date() }} then 'overdue'
            when claims.filing_warn_date <= {{ as_of_date() }} then 'due_soon'
            when claims.filing_warn_date > {{ as_of_date() }} then 'open'
        end as filing_state,
        case
            when coalesce(claims.is_filed, true) or claims.filing_due_date < {{ as_of_date() }} then null
            when claims.filing_warn_date > {{ as_of_date() }} then claims.filing_warn_date
            else cast(claims.filing_due_date + interval '1' day as date)
        end as recheck_on
    from {{ ref('int_ehr__claim_form_facts') }} as claims
)

select
    {{ all_but('facts', ['facts_hash']) }},
    {% for topic in topics -%}
        {{ all_but(topic, ['claim_key', 'patient_key', 'facts_hash']) }},
    {% endfor -%}
    timed.filing_state,
    {{ row_hash(hashes) }} as row_hash,
    timed.recheck_on
from {{ ref('int_ehr__claim_facts') }} as facts
left join timed on facts.claim_key = timed.claim_key
{% for topic in topics -%}
    left join {{ ref('int_ehr__claim_' ~ topic ~ '_facts') }} as {{ topic }}
        on facts.claim_key = {{ topic }}.claim_key
{% endfor %}
