{{ config(materialized='table') }}

with finding_states as (
    select * from {{ ref('int_quality__finding_states') }}
),

rules as (
    select * from {{ ref('rule_catalog') }}
),

subject_lines as (
    select * from {{ ref('int_quality__subject_lines') }}
),

our_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
),

answers as (
    select * from {{ ref('int_quality__line_answers') }}
),

-- the group (CO, PR, OA) says who bears the amount, not why; only the reason is predicted
predictions as (
    select
        rule_id,
        split_part(unnest(string_split(expected_carc, '|')), '-', 2) as carc
    from rules
    where expected_carc is not null
),

-- What stands in the end: an answer that was neither taken back nor followed by another of the same payer.
last_answers as (
    select
        answers.*,
        rank() over (
            partition by answers.claim_line_key, answers.chain_key
            order by answers.chain_position desc
        ) as recency
    from answers
    where answers.reversed_date is null
),

-- A rule that told nothing is answered for where a standing denial has a reason it predicts.
silent as (
    select distinct
        rules.rule_id,
        subject_lines.subject,
        subject_lines.clinic_id,
        subject_lines.subject_key
    from last_answers
    inner join our_lines on last_answers.claim_line_key = our_lines.claim_line_key
    inner join subject_lines on last_answers.claim_line_key = subject_lines.claim_line_key
    inner join rules
        on
            subject_lines.subject = rules.subject
            and {{ is_in_force('our_lines.service_date', 'rules.valid_from', 'rules.valid_to') }}
    inner join predictions
        on
            rules.rule_id = predictions.rule_id
            and '|' || last_answers.denial_carcs || '|' like '%|' || predictions.carc || '|%'
    where
        last_answers.recency = 1
        and last_answers.is_denied
        and not exists (
            select 1
            from finding_states
            where
                finding_states.rule_id = rules.rule_id
                and finding_states.subject = subject_lines.subject
                and finding_states.clinic_id = subject_lines.clinic_id
                and finding_states.subject_key = subject_lines.subject_key
        )
),

-- A finding that ended after the first answer was mended then: later answers are to another claim than the
-- one it was about.
units as (
    select
        rule_id,
        subject,
        clinic_id,
        subject_key,
        firing,
        at_stake_amount,
        lead_days,
        case when ended_date is not null then greatest(ended_date, arrived_date) end as horizon_date
    from finding_states
    union all
    select
        rule_id,
        subject,
        clinic_id,
        subject_key,
        'silent' as firing,
        {{ money_amount('0') }} as at_stake_amount,
        cast(null as integer) as lead_days,
        cast(null as date) as horizon_date
    from silent
),

seen as (
    select
        units.*,
        {{ surrogate_key(['units.subject', 'units.clinic_id', 'units.subject_key']) }} as unit_key,
        answers.answer_date,
        answers.claim_line_key,
        answers.remit_event_key,
        answers.chain_key,
        answers.chain_position,
        answers.is_denied,
        answers.denial_amount,
        answers.denial_carcs,
        answers.reversed_date is null
        or coalesce(answers.reversed_date > units.horizon_date, false) as is_standing
    from units
    inner join subject_lines
        on
            units.subject = subject_lines.subject
            and units.clinic_id = subject_lines.clinic_id
            and units.subject_key = subject_lines.subject_key
    inner join answers on subject_lines.claim_line_key = answers.claim_line_key
    where units.horizon_date is null or answers.arrived_date <= units.horizon_date
),

ranked as (
    select
        seen.*,
        min(seen.answer_date) over (partition by seen.rule_id, seen.unit_key) as first_answer_date,
        rank() over (
            partition by
                seen.rule_id, seen.unit_key, seen.claim_line_key, seen.chain_key, seen.is_standing
            order by seen.chain_position desc
        ) as recency
    from seen
),

final as (
    select
        ranked.rule_id,
        ranked.unit_key,
        ranked.subject,
        ranked.firing,
        ranked.at_stake_amount,
        ranked.lead_days,
        ranked.first_answer_date,
        ranked.claim_line_key,
        ranked.remit_event_key,
        ranked.is_denied,
        ranked.denial_amount,
        ranked.is_denied and exists (
            select 1
            from predictions
            where
                predictions.rule_id = ranked.rule_id
                and '|' || ranked.denial_carcs || '|' like '%|' || predictions.carc || '|%'
        ) as is_predicted
    from ranked
    where ranked.is_standing and ranked.recency = 1
)

select * from final
