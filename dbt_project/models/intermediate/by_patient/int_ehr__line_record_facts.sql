{# Lines of submitted claims: when the record behind them was last written. #}
{% set fact_names = ['is_submitted_line', 'record_change_after_submission_minutes'] %}

with changed as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claims.submitted_at_utc,
        {{ minutes_between('claims.submitted_at_utc', 'visits.signed_at_utc') }} as signed_after_minutes,
        {{ minutes_between('claims.submitted_at_utc', 'visits.amended_at_utc') }} as amended_after_minutes
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_visits') }} as visits
        on claim_lines.claim_line_key = visits.claim_line_key
    where
        claim_lines.is_standing
        and (claims.submitted_at_utc is not null or claims.claim_status <> 'draft')
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

-- a record that was never amended says so by an empty date; a signature is always due
facts as (
    select
        changed.claim_line_key,
        changed.patient_key,
        true as is_submitted_line,
        case
            when changed.amended_after_minutes > 0 and changed.signed_after_minutes > 0
                then greatest(changed.amended_after_minutes, changed.signed_after_minutes)
            when changed.amended_after_minutes > 0 then changed.amended_after_minutes
            when changed.signed_after_minutes is not null then greatest(0, changed.signed_after_minutes)
        end as record_change_after_submission_minutes
    from changed
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
