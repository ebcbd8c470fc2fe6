{# Fold of the finding events up to the first answer of a payer: what was known then, until when it held. #}
{{ config(materialized='table') }}

with finding_events as (
    select * from {{ ref('stg_quality__finding_events') }}
),

commits as (
    select * from {{ source('raw', 'ledger_commit') }}
),

waivers as (
    select * from {{ ref('stg_quality__waivers') }}
),

subject_lines as (
    select * from {{ ref('int_quality__subject_lines') }}
),

answers as (
    select * from {{ ref('int_quality__line_answers') }}
),

first_answers as (
    select
        subject_lines.subject,
        subject_lines.clinic_id,
        subject_lines.subject_key,
        min(answers.answer_date) as first_answer_date,
        min(answers.arrived_date) as arrived_date,
        min(answers.commit_number) as commit_number
    from subject_lines
    inner join answers on subject_lines.claim_line_key = answers.claim_line_key
    group by subject_lines.subject, subject_lines.clinic_id, subject_lines.subject_key
),

dated as (
    select
        finding_events.*,
        first_answers.first_answer_date,
        first_answers.arrived_date,
        first_answers.commit_number as answer_commit_number,
        finding_events.judged_as_of_date < first_answers.arrived_date
        and commits.commit_number < first_answers.commit_number as is_before
    from finding_events
    inner join commits on finding_events._commit_id = commits.commit_id
    inner join first_answers
        on
            finding_events.subject = first_answers.subject
            and finding_events.clinic_id = first_answers.clinic_id
            and finding_events.subject_key = first_answers.subject_key
),

folded as (
    select
        finding_id,
        rule_id,
        subject,
        clinic_id,
        subject_key,
        first_answer_date,
        arrived_date,
        answer_commit_number,
        max(case when is_before then sequence end) as last_sequence_before,
        max_by(status, sequence) filter (where is_before) as status_before,
        max_by(dollars_at_stake, sequence) filter (where is_before) as dollars_before,
        min(case when is_before and status = 'fail' then judged_as_of_date end) as first_failed_date,
        count(case when not is_before and status = 'fail' then 1 end) as later_fail_count
    from dated
    group by
        finding_id, rule_id, subject, clinic_id, subject_key, first_answer_date, arrived_date,
        answer_commit_number
),

ends as (
    select
        folded.finding_id,
        min_by(dated.judged_as_of_date, dated.sequence) as ended_date
    from folded
    inner join dated on folded.finding_id = dated.finding_id
    where dated.sequence > folded.last_sequence_before and dated.status <> 'fail'
    group by folded.finding_id
),

-- the newest waiver known at the answer holds, through its last day
waivers_before as (
    select
        folded.finding_id,
        max_by(
            coalesce(waivers.expires_on >= folded.arrived_date, true), (waivers.waived_at, waivers._commit_id)
        ) as is_waived
    from folded
    inner join waivers on folded.finding_id = waivers.finding_id
    inner join commits on waivers._commit_id = commits.commit_id
    where commits.commit_number < folded.answer_commit_number
    group by folded.finding_id
),

final as (
    select
        folded.finding_id,
        folded.rule_id,
        folded.subject,
        folded.clinic_id,
        folded.subject_key,
        folded.first_answer_date,
        folded.arrived_date,
        case
            when folded.status_before = 'fail' and coalesce(waivers_before.is_waived, false) then 'waived'
            when folded.status_before = 'fail' then 'fired'
            when folded.status_before = 'resolved' and folded.first_failed_date is not null then 'mended'
            when folded.later_fail_count > 0 then 'late'
            when folded.status_before = 'not_evaluable' then 'not_evaluable'
            else 'silent'
        end as firing,
        {{ money_amount('coalesce(folded.dollars_before, 0)') }} as at_stake_amount,
        case when folded.status_before = 'fail' then ends.ended_date end as ended_date,
        folded.arrived_date - folded.first_failed_date as lead_days
    from folded
    left join ends on folded.finding_id = ends.finding_id
    left join waivers_before on folded.finding_id = waivers_before.finding_id
)

select * from final
