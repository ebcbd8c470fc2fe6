{# A view over the stored facts of the topics; a topic holds only the rows its rules are about. #}
{{ config(materialized='view') }}

{% set topics = ['billing', 'documentation', 'dose', 'overlap', 'provider', 'rems'] %}
{% set hashes = ['facts.facts_hash', 'timed.rems_form_state', 'timed.is_charge_overdue'] %}
{% for topic in topics %}{% do hashes.append(topic ~ '.facts_hash') %}{% endfor %}

-- what depends on today: the topics store the date, here stands what it means on it
with timed as (
    select
        encounters.encounter_key,
        case
            when rems.rems_form_submitted_date > rems.rems_form_due_date then 'late'
            when rems.rems_form_submitted_date <= rems.rems_form_due_date then 'in_time'
            when rems.has_rems_form is null or rems.has_rems_form then null
            when rems.rems_form_due_date < {{ as_of_date() }} then 'overdue'
            when rems.rems_form_due_date >= {{ as_of_date() }} then 'awaited'
        end as rems_form_state,
        case
            when not billing.has_claim_line then billing.charge_due_date < {{ as_of_date() }}
            when billing.has_claim_line then false
        end as is_charge_overdue,
        case
            when not rems.has_rems_form and rems.rems_form_due_date >= {{ as_of_date() }}
                then rems.rems_form_due_date
        end as rems_form_waits_to,
        case
            when not billing.has_claim_line and billing.charge_due_date >= {{ as_of_date() }}
                then billing.charge_due_date
        end as charge_waits_to
    from {{ ref('int_ehr__encounter_facts') }} as encounters
    left join {{ ref('int_ehr__encounter_rems_facts') }} as rems
        on encounters.encounter_key = rems.encounter_key
    left join {{ ref('int_ehr__encounter_billing_facts') }} as billing
        on encounters.encounter_key = billing.encounter_key
)

select
    {{ all_but('facts', ['facts_hash']) }},
    {% for topic in topics -%}
        {{ all_but(topic, ['encounter_key', 'patient_key', 'facts_hash']) }},
    {% endfor -%}
    timed.rems_form_state,
    timed.is_charge_overdue,
    {{ row_hash(hashes) }} as row_hash,
    cast(least(timed.rems_form_waits_to, timed.charge_waits_to) + interval '1' day as date) as recheck_on
from {{ ref('int_ehr__encounter_facts') }} as facts
inner join timed on facts.encounter_key = timed.encounter_key
{% for topic in topics -%}
    left join {{ ref('int_ehr__encounter_' ~ topic ~ '_facts') }} as {{ topic }}
        on facts.encounter_key = {{ topic }}.encounter_key
{% endfor %}
