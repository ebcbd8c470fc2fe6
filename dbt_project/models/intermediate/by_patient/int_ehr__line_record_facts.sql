{# Lines of submitted claims: when the record behind them was last written. #}
{% set fact_names = ['is_submitted_line', 'record_change_after_submission_minutes'] %}

with sent as (
    select
        claims.claim_key,
        claims.submitted_at_utc,
        {{ utc_to_zone('claims.submitted_at_utc', 'sites.time_zone') }} as submitted_at_local,
        sites.time_zone
    from {{ ref('int_ehr__claims') }} as claims
    left join {{ ref('int_ehr__sites') }} as sites
        on
            claims.clinic_id = sites.clinic_id
            and claims.site_id = sites.site_id
    where
        (claims.submitted_at_utc is not null or claims.claim_status <> 'draft')
        and {{ in_changed_scopes('claims.patient_key') }}
),

-- A report that tells the day only is read as midnight: the claim left at some hour of that day.
timed as (
    select
        sent.claim_key,
        sent.submitted_at_utc,
        case
            when sent.submitted_at_local = cast(cast(sent.submitted_at_local as date) as timestamp)
                then {{ zone_to_utc("(sent.submitted_at_local + interval '1' day)", 'sent.time_zone') }}
            else sent.submitted_at_utc
        end as gone_by_utc
    from sent
),

changed as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        {% for moment in ['signed', 'amended'] -%}
            {{ minutes_between('timed.submitted_at_utc', 'visits.' ~ moment ~ '_at_utc') }}
                as {{ moment }}_after_minutes,
            coalesce(
                visits.{{ moment }}_at_utc > timed.submitted_at_utc
                and visits.{{ moment }}_at_utc < timed.gone_by_utc, false
            ) as is_{{ moment }}_that_day,
        {% endfor -%}
        claim_lines.claim_key
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join timed on claim_lines.claim_key = timed.claim_key
    inner join {{ ref('int_ehr__line_visits') }} as visits
        on claim_lines.claim_line_key = visits.claim_line_key
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

certain as (
    select
        changed.claim_line_key,
        changed.patient_key,
        changed.signed_after_minutes,
        changed.is_signed_that_day or changed.is_amended_that_day as is_changed_that_day,
        greatest(
            case when changed.is_signed_that_day then 0 else coalesce(changed.signed_after_minutes, 0) end,
            case when changed.is_amended_that_day then 0 else coalesce(changed.amended_after_minutes, 0) end
        ) as after_minutes
    from changed
),

-- a record that was never amended says so by an empty date; a signature is always due
facts as (
    select
        certain.claim_line_key,
        certain.patient_key,
        true as is_submitted_line,
        case
            when certain.after_minutes > 0 then certain.after_minutes
            when not certain.is_changed_that_day and certain.signed_after_minutes is not null then 0
        end as record_change_after_submission_minutes
    from certain
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
