with outcomes as (
    select * from {{ ref('int_quality__rule_outcomes') }}
),

rule_answers as (
    select * from {{ ref('int_quality__rule_answers') }}
),

answers as (
    select * from {{ ref('int_quality__line_answers') }}
),

-- Every rule together, by claim line: told of when any rule fired on it, denied when any payer denies it.
last_answers as (
    select
        *,
        min(answer_date) over (partition by claim_line_key) as first_answer_date,
        rank() over (
            partition by claim_line_key, chain_key
            order by chain_position desc
        ) as recency
    from answers
    where reversed_date is null
),

told_lines as (
    select
        claim_line_key as unit_key,
        case when bool_or(firing = 'fired') then 'fired' else 'waived' end as firing,
        min(first_answer_date) as first_answer_date,
        max(case when firing = 'fired' then lead_days end) as lead_days,
        case
            when bool_or(is_predicted) then 'predicted'
            when bool_or(is_denied) then 'otherwise'
            else 'paid'
        end as outcome
    from rule_answers
    where firing in ('fired', 'waived')
    group by claim_line_key
),

-- one refusal of a whole claim answers several lines: told of one, it is told
told_events as (
    select distinct remit_event_key from rule_answers
    where firing in ('fired', 'waived')
),

untold_lines as (
    select
        last_answers.claim_line_key as unit_key,
        'silent' as firing,
        min(last_answers.first_answer_date) as first_answer_date,
        cast(null as integer) as lead_days,
        'predicted' as outcome
    from last_answers
    left join told_events on last_answers.remit_event_key = told_events.remit_event_key
    left join told_lines on last_answers.claim_line_key = told_lines.unit_key
    where
        last_answers.recency = 1
        and last_answers.is_denied
        and told_events.remit_event_key is null
        and told_lines.unit_key is null
    group by last_answers.claim_line_key
),

untold_events as (
    select distinct
        last_answers.remit_event_key,
        last_answers.first_answer_date,
        last_answers.denial_amount
    from last_answers
    inner join untold_lines on last_answers.claim_line_key = untold_lines.unit_key
    where last_answers.recency = 1 and last_answers.is_denied
),

entries as (
    select
        rule_id,
        first_answer_date,
        firing,
        outcome,
        not is_told_by_any as is_untold,
        is_explained,
        lead_days,
        case when firing = 'fired' then at_stake_amount else 0 end as at_stake_amount,
        caught_denial_amount,
        case
            when firing not in ('fired', 'waived') and not is_explained then predicted_denial_amount else 0
        end as missed_denial_amount
    from outcomes
    union all
    select
        'any-rule' as rule_id,
        first_answer_date,
        firing,
        outcome,
        false as is_untold,
        false as is_explained,
        lead_days,
        0 as at_stake_amount,
        0 as caught_denial_amount,
        0 as missed_denial_amount
    from told_lines
    union all
    select
        'any-rule' as rule_id,
        first_answer_date,
        firing,
        outcome,
        true as is_untold,
        false as is_explained,
        lead_days,
        0 as at_stake_amount,
        0 as caught_denial_amount,
        0 as missed_denial_amount
    from untold_lines
    union all
    select
        'any-rule' as rule_id,
        first_answer_date,
        null as firing,
        null as outcome,
        false as is_untold,
        false as is_explained,
        null as lead_days,
        case when firing = 'fired' then at_stake_amount else 0 end as at_stake_amount,
        caught_denial_amount,
        0 as missed_denial_amount
    from outcomes
    union all
    select
        'any-rule' as rule_id,
        first_answer_date,
        null as firing,
        null as outcome,
        false as is_untold,
        false as is_explained,
        null as lead_days,
        0 as at_stake_amount,
        0 as caught_denial_amount,
        denial_amount as missed_denial_amount
    from untold_events
),

final as (
    select
        rule_id,
        cast(first_answer_date as date) as first_answer_date,
        firing,
        outcome,
        is_untold,
        is_explained,
        cast(lead_days as integer) as lead_days,
        {{ money_amount('at_stake_amount') }} as at_stake_amount,
        {{ money_amount('caught_denial_amount') }} as caught_denial_amount,
        {{ money_amount('missed_denial_amount') }} as missed_denial_amount
    from entries
)

select * from final
