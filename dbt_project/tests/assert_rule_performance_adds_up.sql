-- Guards: months add up to all; money caught over the rules is that of any-rule, so no denial counts twice.
with performance as (
    select * from {{ ref('fct_rule_performance') }}
),

months as (
    select
        rule_id,
        sum(fired_count + missed_count + waived_count + late_count) as record_count,
        sum(at_stake_amount + caught_denial_amount + missed_denial_amount) as amount
    from performance
    where period <> 'all'
    group by rule_id
),

months_off as (
    select
        'months of ' || performance.rule_id as guarded,
        performance.period
    from performance
    inner join months on performance.rule_id = months.rule_id
    where
        performance.period = 'all'
        and (
            performance.fired_count + performance.missed_count + performance.waived_count
            + performance.late_count <> months.record_count
            or performance.at_stake_amount + performance.caught_denial_amount
            + performance.missed_denial_amount <> months.amount
        )
),

rules_off as (
    select
        'money of any-rule' as guarded,
        period
    from performance
    group by period
    having
        sum(case when rule_id = 'any-rule' then -caught_denial_amount else caught_denial_amount end) <> 0
        or sum(case when rule_id = 'any-rule' then -at_stake_amount else at_stake_amount end) <> 0
)

select * from months_off
union all
select * from rules_off
