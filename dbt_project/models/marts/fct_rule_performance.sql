with entries as (
    select * from {{ ref('int_quality__performance_entries') }}
),

rules as (
    select
        rule_id,
        code,
        title,
        expected_carc
    from {{ ref('rule_catalog') }}
    union all
    select
        'any-rule' as rule_id,
        null as code,
        'All rules together, by claim line' as title,
        null as expected_carc
),

periods as (
    select
        entries.*,
        'all' as period
    from entries
    union all
    select
        entries.*,
        strftime(entries.first_answer_date, '%Y-%m') as period
    from entries
),

counted as (
    select
        rule_id,
        period,
        count(case when firing = 'fired' then 1 end) as fired_count,
        count(case when firing = 'fired' and outcome = 'predicted' then 1 end) as predicted_denial_count,
        count(case when firing = 'fired' and outcome = 'otherwise' then 1 end) as other_denial_count,
        count(case when firing = 'fired' and outcome = 'paid' then 1 end) as paid_count,
        count(case when firing not in ('fired', 'waived') and outcome = 'predicted' then 1 end)
            as missed_count,
        count(
            case when firing not in ('fired', 'waived') and outcome = 'predicted' and is_untold then 1 end
        ) as missed_untold_count,
        count(
            case when firing not in ('fired', 'waived') and outcome = 'predicted' and is_explained then 1 end
        ) as missed_explained_count,
        count(case when firing = 'late' then 1 end) as late_count,
        count(case when firing = 'mended' then 1 end) as mended_count,
        count(case when firing = 'not_evaluable' then 1 end) as not_evaluable_count,
        count(case when firing = 'waived' then 1 end) as waived_count,
        count(case when firing = 'waived' and outcome = 'predicted' then 1 end) as waived_denial_count,
        median(case when firing = 'fired' then lead_days end) as lead_days_median,
        sum(at_stake_amount) as at_stake_amount,
        sum(caught_denial_amount) as caught_denial_amount,
        sum(missed_denial_amount) as missed_denial_amount
    from periods
    group by rule_id, period
),

-- a rule nobody could measure yet has a row of its own, with no precision
listed as (
    select
        rule_id,
        'all' as period
    from rules
    union
    select
        rule_id,
        period
    from counted
),

filled as (
    select
        listed.rule_id,
        listed.period,
        {% for name in [
            'fired', 'predicted_denial', 'other_denial', 'paid', 'missed', 'missed_untold', 'missed_explained', 'late',
            'mended', 'not_evaluable', 'waived', 'waived_denial'
        ] -%}
            cast(coalesce(counted.{{ name }}_count, 0) as bigint) as {{ name }}_count,
        {% endfor -%}
        cast(counted.lead_days_median as decimal(8, 1)) as lead_days_median,
        {{ money_amount('coalesce(counted.at_stake_amount, 0)') }} as at_stake_amount,
        {{ money_amount('coalesce(counted.caught_denial_amount, 0)') }} as caught_denial_amount,
        {{ money_amount('coalesce(counted.missed_denial_amount, 0)') }} as missed_denial_amount
    from listed
    left join counted on listed.rule_id = counted.rule_id and listed.period = counted.period
),

{% set predicted, fired = 'filled.predicted_denial_count', 'filled.fired_count' %}
{% set deniable = '(filled.predicted_denial_count + filled.missed_count - filled.missed_explained_count)' %}
final as (
    select
        {{ surrogate_key(['filled.rule_id', 'filled.period']) }} as rule_performance_key,
        filled.rule_id,
        rules.code as rule_code,
        rules.title as rule_title,
        filled.period,
        rules.expected_carc,
        filled.fired_count,
        filled.predicted_denial_count,
        filled.other_denial_count,
        filled.paid_count,
        filled.missed_count,
        filled.missed_untold_count,
        filled.missed_explained_count,
        filled.late_count,
        filled.mended_count,
        filled.not_evaluable_count,
        filled.waived_count,
        filled.waived_denial_count,
        cast(100.0 * {{ predicted }} / nullif({{ fired }}, 0) as decimal(5, 1)) as precision_pct,
        {{ wilson_pct(predicted, fired, 'low') }} as precision_low_pct,
        {{ wilson_pct(predicted, fired, 'high') }} as precision_high_pct,
        cast(100.0 * {{ predicted }} / nullif({{ deniable }}, 0) as decimal(5, 1)) as recall_pct,
        {{ wilson_pct(predicted, deniable, 'low') }} as recall_low_pct,
        {{ wilson_pct(predicted, deniable, 'high') }} as recall_high_pct,
        filled.lead_days_median,
        filled.at_stake_amount,
        filled.caught_denial_amount,
        filled.missed_denial_amount
    from filled
    left join rules on filled.rule_id = rules.rule_id
)

select * from final
