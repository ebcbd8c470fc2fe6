{{ config(materialized='table') }}

with rule_answers as (
    select * from {{ ref('int_quality__rule_answers') }}
),


-- Denied money is credited once: to the finding with most at stake among those that predicted the denial.
credits_ranked as (
    select
        rule_id,
        unit_key,
        remit_event_key,
        denial_amount,
        row_number() over (
            partition by remit_event_key
            order by at_stake_amount desc, rule_id asc, unit_key asc, claim_line_key asc
        ) as credit_rank
    from rule_answers
    where firing = 'fired' and is_predicted
),

credits as (
    select
        rule_id,
        unit_key,
        sum(denial_amount) as caught_denial_amount
    from credits_ranked
    where credit_rank = 1
    group by rule_id, unit_key
),

events as (
    select
        rule_id,
        unit_key,
        remit_event_key,
        max(denial_amount) as denial_amount
    from rule_answers
    where is_predicted
    group by rule_id, unit_key, remit_event_key
),

predicted_amounts as (
    select
        rule_id,
        unit_key,
        sum(denial_amount) as predicted_denial_amount
    from events
    group by rule_id, unit_key
),

told_events as (
    select
        remit_event_key,
        bool_or(is_predicted) as is_predicted
    from rule_answers
    where firing in ('fired', 'waived')
    group by remit_event_key
),

units as (
    select
        rule_answers.rule_id,
        rule_answers.unit_key,
        rule_answers.subject,
        rule_answers.firing,
        rule_answers.at_stake_amount,
        rule_answers.lead_days,
        rule_answers.first_answer_date,
        case
            when bool_or(rule_answers.is_predicted) then 'predicted'
            when bool_or(rule_answers.is_denied) then 'otherwise'
            else 'paid'
        end as outcome,
        coalesce(bool_or(rule_answers.is_predicted and told_events.remit_event_key is not null), false)
            as is_told_by_any,
        coalesce(
            bool_and(case when rule_answers.is_predicted then coalesce(told_events.is_predicted, false) end),
            false
        )
            as is_explained
    from rule_answers
    left join told_events on rule_answers.remit_event_key = told_events.remit_event_key
    group by
        rule_answers.rule_id, rule_answers.unit_key, rule_answers.subject, rule_answers.firing,
        rule_answers.at_stake_amount, rule_answers.lead_days, rule_answers.first_answer_date
),

final as (
    select
        units.rule_id,
        units.unit_key,
        units.subject,
        units.firing,
        units.outcome,
        units.first_answer_date,
        units.is_told_by_any,
        units.is_explained,
        units.lead_days,
        units.at_stake_amount,
        {{ money_amount('coalesce(credits.caught_denial_amount, 0)') }} as caught_denial_amount,
        {{ money_amount('coalesce(predicted_amounts.predicted_denial_amount, 0)') }}
            as predicted_denial_amount
    from units
    left join credits on units.rule_id = credits.rule_id and units.unit_key = credits.unit_key
    left join predicted_amounts
        on units.rule_id = predicted_amounts.rule_id and units.unit_key = predicted_amounts.unit_key
)

select * from final
