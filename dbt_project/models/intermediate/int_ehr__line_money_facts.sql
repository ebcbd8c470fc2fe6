{# What payers allowed against the contract, until when a denial can be appealed: hangs on remittances. #}
{{ config(materialized='table') }}
{% set fact_names = [
    'is_paid_line', 'contract_amount', 'allowed_variance_amount', 'underpaid_amount', 'is_denied_line',
    'appeal_due_date', 'has_appeal',
] %}

with answered as (
    select
        outcomes.*,
        claim_lines.patient_key,
        claim_lines.service_date,
        claim_lines.charge_amount,
        claim_lines.billed_units,
        allowances.allowed_unit_amount,
        policies.appeal_days_policy
    from {{ ref('int_remit__line_outcomes') }} as outcomes
    inner join {{ ref('int_ehr__claim_lines') }} as claim_lines
        on outcomes.claim_line_key = claim_lines.claim_line_key
    inner join {{ ref('int_ehr__line_policies') }} as policies
        on outcomes.claim_line_key = policies.claim_line_key
    left join {{ ref('int_ehr__line_allowances') }} as allowances
        on outcomes.claim_line_key = allowances.claim_line_key
    where
        claim_lines.is_standing
        and outcomes.is_adjudicated
        and not outcomes.is_reversed
),

appeals as (
    select
        listed.claim_key,
        max(listed.sent_date) as sent_date
    from {{ ref('int_ehr__appeals') }} as listed
    group by listed.claim_key
),

priced as (
    select
        answered.*,
        cast(
            case
                when answered.charge_amount < answered.allowed_unit_amount * answered.billed_units
                    then answered.charge_amount
                when answered.charge_amount is not null
                    then answered.allowed_unit_amount * answered.billed_units
            end as decimal(12, 2)
        ) as contract_amount,
        {{ threshold('underpayment_share', 'answered.service_date') }} as underpayment_share,
        {{ threshold('underpayment_amount', 'answered.service_date') }} as underpayment_amount
    from answered
),

facts as (
    select
        priced.claim_line_key,
        priced.patient_key,
        coalesce(priced.is_paid, true) and not priced.is_denied as is_paid_line,
        priced.contract_amount,
        cast(priced.allowed_amount - priced.contract_amount as decimal(12, 2)) as allowed_variance_amount,
        cast(
            case
                when
                    priced.allowed_amount - priced.contract_amount
                    < -priced.underpayment_share * priced.contract_amount
                    and priced.allowed_amount - priced.contract_amount < -priced.underpayment_amount
                    then priced.contract_amount - priced.allowed_amount
                when priced.allowed_amount - priced.contract_amount is not null then 0
            end as decimal(12, 2)
        ) as underpaid_amount,
        priced.is_denied as is_denied_line,
        cast(
            priced.last_event_date
            + try_cast(priced.appeal_days_policy as integer) * (interval '1' day) as date
        ) as appeal_due_date,
        coalesce(appeals.sent_date >= priced.first_adjudicated_date, false) as has_appeal
    from priced
    left join appeals on priced.claim_key = appeals.claim_key
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
