{# Collaborative care by the month, and scored questionnaires by the day. #}
{% set fact_names = [
    'is_cocm_line', 'cocm_minutes', 'cocm_claims_in_month', 'expected_cocm_addon_units', 'cocm_fault_count',
    'is_apcm_line', 'apcm_conflict_count', 'is_measurement_line', 'scored_instrument_count',
    'measurement_units_on_date', 'measurement_units_above_instruments', 'measurement_units_below_instruments',
    'measurement_units_above_mue', 'blocking_lines_beside_measurement',
] %}
{% set groups = {
    'is_first': 'cocm_first_month', 'is_later': 'cocm_later_month', 'is_addon': 'cocm_addon',
    'is_short': 'cocm_short', 'is_cpt_care': 'cocm_bhi_cpt', 'is_apcm_addon': 'apcm_addon',
    'is_apcm_base': 'apcm_base', 'is_measurement': 'measurement', 'is_blocking': 'measurement_blocking',
} %}

with grouped as (
    select
        {% for column, group_name in groups.items() -%}
            {{ has_group('code_group', group_name) }} as {{ column }},
        {% endfor -%}
        claim_lines.claim_line_key
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('code_group') }} as code_group
        on
            claim_lines.procedure_code = code_group.code
            and {{ is_in_force('claim_lines.service_date', 'code_group.valid_from', 'code_group.valid_to') }}
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
    group by claim_lines.claim_line_key
),

care_lines as (
    select
        grouped.*,
        grouped.is_first or grouped.is_later or grouped.is_addon or grouped.is_short as is_cocm,
        claim_lines.claim_key,
        claim_lines.patient_key,
        claim_lines.clinic_id,
        claim_lines.service_date,
        {{ month_of('claim_lines.service_date') }} as service_month,
        claim_lines.procedure_code,
        claim_lines.billed_units,
        claim_lines.rendering_npi
    from grouped
    inner join {{ ref('int_ehr__claim_lines') }} as claim_lines
        on grouped.claim_line_key = claim_lines.claim_line_key
),

-- minutes while the patient was given or recovering from a drug are no care management
spent as (
    select
        time_logs.time_log_key,
        time_logs.patient_key,
        coalesce({{ month_of('time_logs.service_month') }}, {{ month_of('time_logs.service_date') }})
            as service_month,
        time_logs.activity_minutes,
        max(
            {{ shared_minutes(
                'time_logs.start_at_utc', 'time_logs.end_at_utc', 'sessions.start_at_utc',
                'coalesce(sessions.discharged_at_utc, sessions.stop_at_utc)'
            ) }}
        ) as session_minutes,
        count(
            case
                when
                    sessions.administration_key is not null
                    and (
                        time_logs.start_at_utc is null
                        or time_logs.end_at_utc is null
                        or sessions.start_at_utc is null
                        or coalesce(sessions.discharged_at_utc, sessions.stop_at_utc) is null
                    )
                    then 1
            end
        ) as unknown_count
    from {{ ref('int_ehr__time_logs') }} as time_logs
    left join {{ ref('int_ehr__administrations') }} as sessions
        on
            time_logs.patient_key = sessions.patient_key
            and time_logs.service_date = sessions.service_date
            and not sessions.is_entered_in_error
    where
        time_logs.activity_code = 'cocm'
        and {{ in_changed_scopes('time_logs.patient_key') }}
    group by
        time_logs.time_log_key, time_logs.patient_key, time_logs.service_month, time_logs.service_date,
        time_logs.activity_minutes
),

month_minutes as (
    select
        spent.patient_key,
        spent.service_month,
        case
            when count(*) = count(spent.activity_minutes) and max(spent.unknown_count) = 0
                then sum(greatest(0, spent.activity_minutes - coalesce(spent.session_minutes, 0)))
        end as minutes
    from spent
    group by spent.patient_key, spent.service_month
),

months as (
    select
        care_lines.patient_key,
        care_lines.service_month,
        count(distinct care_lines.claim_key) as claim_count,
        count(case when care_lines.is_first then 1 end) as first_count,
        count(case when care_lines.is_later then 1 end) as later_count,
        case
            when
                count(case when care_lines.is_addon then 1 end)
                = count(case when care_lines.is_addon then care_lines.billed_units end)
                then sum(case when care_lines.is_addon then care_lines.billed_units end)
        end as addon_units
    from care_lines
    where
        care_lines.is_cocm
        and care_lines.service_month is not null
    group by care_lines.patient_key, care_lines.service_month
),

apcm as (
    select
        {% for kind in ['addon', 'base'] -%}
            count(
                case
                    when others.is_apcm_{{ kind }} and others.rendering_npi = care_lines.rendering_npi then 1
                end
            ) as same_{{ kind }}_count,
            count(
                case
                    when
                        others.is_apcm_{{ kind }}
                        and (others.rendering_npi is null or care_lines.rendering_npi is null)
                        then 1
                end
            ) as unknown_{{ kind }}_count,
        {% endfor -%}
        care_lines.claim_line_key
    from care_lines
    inner join care_lines as others
        on
            care_lines.patient_key = others.patient_key
            and care_lines.service_month = others.service_month
    where care_lines.is_cpt_care or care_lines.is_apcm_addon
    group by care_lines.claim_line_key
),

instruments as (
    select
        observations.patient_key,
        observations.taken_date,
        case
            when count(*) = count(observations.instrument)
                then count(distinct upper(trim(observations.instrument)))
        end as instrument_count
    from {{ ref('int_ehr__observations') }} as observations
    where
        observations.observation_kind = 'instrument'
        and observations.numeric_value is not null
        and {{ in_changed_scopes('observations.patient_key') }}
    group by observations.patient_key, observations.taken_date
),

measured as (
    select
        care_lines.claim_line_key,
        case
            when
                count(case when others.is_measurement then 1 end)
                = count(case when others.is_measurement then others.billed_units end)
                then sum(case when others.is_measurement then others.billed_units end)
        end as units,
        {{ certain_count(
            'count(case when others.is_blocking and others.rendering_npi = care_lines.rendering_npi then 1 end)',
            'count(case when others.is_blocking and (others.rendering_npi is null or '
            ~ 'care_lines.rendering_npi is null) then 1 end)'
        ) }} as blocking_count
    from care_lines
    inner join care_lines as others
        on
            care_lines.patient_key = others.patient_key
            and care_lines.service_date = others.service_date
    where care_lines.is_measurement
    group by care_lines.claim_line_key
),

delivered as (
    select deliveries.clinic_id from {{ ref('int_ehr__deliveries') }} as deliveries
    where deliveries.table_name = 'observation'
),

gathered as (
    select
        care_lines.*,
        month_minutes.minutes,
        months.claim_count,
        months.first_count,
        months.later_count,
        months.addon_units,
        bands.min_minutes,
        case
            when months.first_count > 0
                then {{ threshold('cocm_addon_first_month_from_minutes', 'care_lines.service_date') }}
            when months.later_count > 0
                then {{ threshold('cocm_addon_later_month_from_minutes', 'care_lines.service_date') }}
        end as addon_from_minutes,
        {{ threshold('cocm_addon_step_minutes', 'care_lines.service_date') }} as addon_step_minutes,
        case
            when apcm.claim_line_key is null then null
            when care_lines.is_cpt_care
                then {{ certain_count('apcm.same_addon_count', 'apcm.unknown_addon_count') }}
            when apcm.same_base_count > 0 then 0
            when apcm.unknown_base_count = 0 then 1
        end as apcm_conflicts,
        case
            when delivered.clinic_id is not null and care_lines.service_date is not null
                then
                    case when instruments.patient_key is null then 0 else instruments.instrument_count end
        end as instrument_count,
        measured.units,
        measured.blocking_count,
        mue.mue_units as practitioner_mue
    from care_lines
    left join month_minutes
        on
            care_lines.patient_key = month_minutes.patient_key
            and care_lines.service_month = month_minutes.service_month
    left join months
        on
            care_lines.patient_key = months.patient_key
            and care_lines.service_month = months.service_month
    left join {{ ref('code_minute_band') }} as bands
        on
            care_lines.procedure_code = bands.code
            and bands.activity_code = 'cocm'
            and {{ is_in_force('care_lines.service_date', 'bands.valid_from', 'bands.valid_to') }}
    left join apcm on care_lines.claim_line_key = apcm.claim_line_key
    left join delivered on care_lines.clinic_id = delivered.clinic_id
    left join instruments
        on
            care_lines.patient_key = instruments.patient_key
            and care_lines.service_date = instruments.taken_date
    left join measured on care_lines.claim_line_key = measured.claim_line_key
    left join {{ ref('int_reference__releases') }} as releases
        on
            releases.reference_table = 'mue_practitioner'
            and {{ is_in_force(
                'care_lines.service_date', 'releases.answers_from_date', 'releases.answers_to_date'
            ) }}
    left join {{ ref('int_reference__mues') }} as mue
        on
            releases.release_date = mue.release_date
            and care_lines.procedure_code = mue.code
    where
        care_lines.is_cocm
        or care_lines.is_cpt_care
        or care_lines.is_apcm_addon
        or care_lines.is_measurement
),

-- a month without a first service has no further half hours
timed as (
    select
        gathered.*,
        case
            when not gathered.is_addon or gathered.minutes is null then null
            when gathered.first_count + gathered.later_count = 0 then 0
            when gathered.minutes < gathered.addon_from_minutes then 0
            else floor((gathered.minutes - gathered.addon_from_minutes) / gathered.addon_step_minutes)
        end as addon_units_by_minutes
    from gathered
),

facts as (
    select
        timed.claim_line_key,
        timed.patient_key,
        timed.is_cocm as is_cocm_line,
        cast(case when timed.is_cocm then timed.minutes end as integer) as cocm_minutes,
        cast(case when timed.is_cocm then timed.claim_count end as integer) as cocm_claims_in_month,
        cast(timed.addon_units_by_minutes as integer) as expected_cocm_addon_units,
        case
            when timed.is_cocm
                then {{ count_of_true([
                    'not timed.is_addon and timed.minutes < timed.min_minutes',
                    'timed.is_addon and timed.addon_units <> timed.addon_units_by_minutes',
                    'timed.is_short and timed.first_count + timed.later_count > 0',
                    'timed.claim_count > 1',
                ]) }}
        end as cocm_fault_count,
        timed.is_cpt_care or timed.is_apcm_addon as is_apcm_line,
        cast(timed.apcm_conflicts as integer) as apcm_conflict_count,
        timed.is_measurement as is_measurement_line,
        cast(case when timed.is_measurement then timed.instrument_count end as integer)
            as scored_instrument_count,
        cast(timed.units as decimal(12, 3)) as measurement_units_on_date,
        cast(
            case when timed.is_measurement then timed.units - timed.instrument_count end
            as decimal(12, 3)
        ) as measurement_units_above_instruments,
        cast(
            case
                when
                    timed.is_measurement
                    and timed.instrument_count is not null
                    and timed.practitioner_mue is not null
                    then least(timed.instrument_count, timed.practitioner_mue) - timed.units
            end as decimal(12, 3)
        ) as measurement_units_below_instruments,
        cast(
            case when timed.is_measurement then timed.units - timed.practitioner_mue end
            as decimal(12, 3)
        ) as measurement_units_above_mue,
        timed.blocking_count as blocking_lines_beside_measurement
    from timed
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
