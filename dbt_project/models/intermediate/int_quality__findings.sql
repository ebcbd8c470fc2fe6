with finding_events as (
    select * from {{ ref('stg_quality__finding_events') }}
),

waivers as (
    select * from {{ ref('stg_quality__waivers') }}
),

ranked as (
    select
        finding_events.*,
        row_number() over (
            partition by finding_events.finding_id
            order by finding_events.sequence desc, finding_events._commit_id desc
        ) as recency,
        min(finding_events.judged_at) over (partition by finding_events.finding_id) as first_seen_at
    from finding_events
),

waivers_ranked as (
    select
        finding_id,
        reason,
        waived_at,
        expires_on,
        row_number() over (
            partition by finding_id
            order by waived_at desc, _commit_id desc
        ) as recency
    from waivers
),

final as (
    select
        ranked.finding_id,
        ranked.rule_id,
        ranked.clinic_id,
        ranked.subject,
        ranked.subject_key,
        case
            when
                ranked.status in ('fail', 'not_evaluable')
                and waivers_ranked.finding_id is not null
                and (waivers_ranked.expires_on is null or waivers_ranked.expires_on >= {{ as_of_date() }})
                then 'waived'
            else ranked.status
        end as finding_status,
        ranked.status as judged_status,
        ranked.dollars_at_stake as at_stake_amount,
        ranked.evidence,
        ranked.first_seen_at,
        ranked.judged_at as last_changed_at,
        case when ranked.status = 'resolved' then ranked.judged_at end as resolved_at,
        waivers_ranked.waived_at,
        waivers_ranked.expires_on as waiver_expires_date,
        waivers_ranked.reason as waiver_reason
    from ranked
    left join waivers_ranked
        on
            ranked.finding_id = waivers_ranked.finding_id
            and waivers_ranked.recency = 1
    where ranked.recency = 1
)

select * from final
