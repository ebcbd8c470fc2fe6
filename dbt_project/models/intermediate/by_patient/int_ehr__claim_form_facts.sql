{# A claim as the payer receives it: its reference, its day, the coverage it names. #}
{% set fact_names = [
    'is_replacement_claim', 'has_original_reference', 'is_timed_claim', 'filing_due_date', 'filing_warn_date',
    'filed_date', 'is_filed', 'is_covered_claim', 'uncovered_date_count', 'earlier_coverage_count',
] %}

with claims as (
    select
        claims.*,
        coverages.coverage_priority,
        sites.time_zone
    from {{ ref('int_ehr__claims') }} as claims
    left join {{ ref('int_ehr__coverages') }} as coverages on claims.coverage_key = coverages.coverage_key
    left join {{ ref('int_ehr__sites') }} as sites
        on
            claims.clinic_id = sites.clinic_id
            and claims.site_id = sites.site_id
    where
        claims.is_standing
        and {{ in_changed_scopes('claims.patient_key') }}
),

limits as (
    select
        claim_lines.claim_key,
        min(policies.timely_days_policy) as timely_days_policy
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join claims
        on
            claim_lines.claim_key = claims.claim_key
            and claim_lines.service_date = claims.first_service_date
    inner join {{ ref('int_ehr__line_policies') }} as policies
        on claim_lines.claim_line_key = policies.claim_line_key
    group by claim_lines.claim_key
),

-- to a secondary payer the time runs from the primary payer's answer
started as (
    select
        claims.claim_key,
        coalesce(claims.primary_eob_date, claims.first_service_date) as start_date,
        limits.timely_days_policy,
        case
            when limits.timely_days_policy = 'calendar_year'
                then
                    cast(
                        coalesce(claims.primary_eob_date, claims.first_service_date)
                        + interval '1' year as date
                    )
            else
                cast(
                    coalesce(claims.primary_eob_date, claims.first_service_date)
                    + try_cast(limits.timely_days_policy as integer) * (interval '1' day) as date
                )
        end as due_date
    from claims
    left join limits on claims.claim_key = limits.claim_key
),

dates as (
    select distinct
        claim_lines.claim_key,
        claim_lines.service_date
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    where
        claim_lines.is_standing
        and claim_lines.service_date is not null
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

covered as (
    select
        dates.claim_key,
        dates.service_date,
        count(case when coverages.payer_id = claims.payer_id then 1 end) as own_count,
        count(
            case
                when
                    coverages.coverage_key <> claims.coverage_key
                    and coverages.coverage_priority < claims.coverage_priority
                    then 1
            end
        ) as earlier_count,
        count(
            case
                when
                    coverages.coverage_key <> claims.coverage_key
                    and (coverages.coverage_priority is null or claims.coverage_priority is null)
                    then 1
            end
        ) as unclear_count
    from dates
    inner join claims on dates.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__coverages') }} as coverages
        on
            claims.patient_key = coverages.patient_key
            and {{ is_in_force(
                'dates.service_date', 'coverages.effective_from_date', 'coverages.effective_to_date'
            ) }}
    group by dates.claim_key, dates.service_date
),

coverage_counts as (
    select
        dates.claim_key,
        count(case when coalesce(covered.own_count, 0) = 0 then 1 end) as uncovered_count,
        max(coalesce(covered.earlier_count, 0)) as earlier_count,
        max(coalesce(covered.unclear_count, 0)) as unclear_count
    from dates
    left join covered
        on
            dates.claim_key = covered.claim_key
            and dates.service_date = covered.service_date
    group by dates.claim_key
),

facts as (
    select
        claims.claim_key,
        claims.patient_key,
        case when claims.frequency_code is not null then replacements.code is not null end
            as is_replacement_claim,
        nullif(trim(claims.original_reference_number), '') is not null as has_original_reference,
        -- a replacement goes with the day of the claim it replaces
        replacements.code is null and coalesce(claims.line_of_business <> 'self_pay', true) as is_timed_claim,
        started.due_date as filing_due_date,
        cast(
            started.start_date + cast(
                ceil(
                    {{ days_between('started.start_date', 'started.due_date') }}
                    * {{ threshold('timely_warning_share', 'started.start_date') }}
                ) as integer
            ) * (interval '1' day) as date
        ) as filing_warn_date,
        case
            when started.timely_days_policy = 'calendar_year'
                then
                    coalesce(
                        cast({{ utc_to_zone('claims.payer_received_at_utc', 'claims.time_zone') }} as date),
                        claims.submitted_date
                    )
            else claims.submitted_date
        end as filed_date,
        case
            when claims.submitted_date is not null then true
            when claims.claim_status = 'draft' then false
        end as is_filed,
        coalesce(claims.line_of_business <> 'self_pay', true) as is_covered_claim,
        cast(case when claims.payer_id is not null then coverage_counts.uncovered_count end as integer)
            as uncovered_date_count,
        cast(
            case
                when claims.payer_id is null or coverage_counts.claim_key is null then null
                when claims.primary_eob_date is not null then 0
                when coverage_counts.earlier_count > 0 or coverage_counts.unclear_count = 0
                    then coverage_counts.earlier_count
            end as integer
        ) as earlier_coverage_count
    from claims
    inner join started on claims.claim_key = started.claim_key
    left join coverage_counts on claims.claim_key = coverage_counts.claim_key
    left join {{ ref('code_group') }} as replacements
        on
            replacements.group_name = 'frequency_correction'
            and claims.frequency_code = replacements.code
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
