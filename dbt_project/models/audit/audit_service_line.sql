{# A view over the stored facts of the topics and of what PAs have left, which follows from
    remittances; a topic holds only the rows its rules are about. #}
{{ config(materialized='view') }}

{% set topics = [
    'bundle', 'care', 'diagnosis', 'drug_units', 'form', 'infusion', 'modifier', 'money', 'ndc', 'prior_auth', 'provider',
    'psychotherapy', 'record', 'telehealth', 'visit',
] %}
{% set hashes = ['facts.facts_hash', 'prior_auth_usage.units_left', 'timed.appeal_state'] %}
{% for topic in topics %}{% do hashes.append(topic ~ '.facts_hash') %}{% endfor %}

-- what depends on today: the last day to appeal a denial
with timed as (
    select
        denials.claim_line_key,
        case
            when not denials.is_denied_line then 'not_denied'
            when denials.has_appeal then 'appealed'
            when denials.appeal_due_date < {{ as_of_date() }} then 'closed'
            when
                {{ days_between(as_of_date(), 'denials.appeal_due_date') }}
                < {{ threshold('appeal_warning_days', as_of_date()) }}
                then 'due_soon'
            when denials.appeal_due_date >= {{ as_of_date() }} then 'open'
        end as appeal_state,
        case
            when not denials.is_denied_line or denials.has_appeal then null
            when denials.appeal_due_date < {{ as_of_date() }} then null
            when
                {{ days_between(as_of_date(), 'denials.appeal_due_date') }}
                < {{ threshold('appeal_warning_days', as_of_date()) }}
                then cast(denials.appeal_due_date + interval '1' day as date)
            else
                cast(
                    denials.appeal_due_date
                    - cast({{ threshold('appeal_warning_days', as_of_date()) }} - 1 as integer)
                    * (interval '1' day)
                    as date
                )
        end as recheck_on
    from {{ ref('int_ehr__line_money_facts') }} as denials
)

select
    {{ all_but('facts', ['scheduled_charge_unit_amount', 'facts_hash']) }},
    prior_auth_usage.units_left as pa_units_left,
    {% for topic in topics -%}
        {{ all_but(topic, ['claim_line_key', 'patient_key', 'facts_hash']) }},
    {% endfor -%}
    timed.appeal_state,
    {{ row_hash(hashes) }} as row_hash,
    timed.recheck_on
from {{ ref('int_ehr__line_facts') }} as facts
left join timed on facts.claim_line_key = timed.claim_line_key
left join {{ ref('int_ehr__prior_auth_usage') }} as prior_auth_usage
    on facts.claim_line_key = prior_auth_usage.claim_line_key
{% for topic in topics -%}
    left join {{ ref('int_ehr__line_' ~ topic ~ '_facts') }} as {{ topic }}
        on facts.claim_line_key = {{ topic }}.claim_line_key
{% endfor %}
