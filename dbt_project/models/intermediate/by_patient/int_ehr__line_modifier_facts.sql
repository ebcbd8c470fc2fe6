{# Every line: its modifiers, the NCCI pairs it is the second code of, its units against the MUE. #}
{% set fact_names = [
    'modifier_count', 'modifier_fault_count', 'ptp_table_state', 'ptp_first_code', 'ptp_indicator',
    'open_ptp_pair_count', 'mue_table_state', 'mue_limit', 'mue_units', 'units_above_mue',
] %}

with claim_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.service_date,
        claim_lines.procedure_code,
        claim_lines.billed_units,
        claim_lines.rendering_npi,
        claim_lines.modifier_1,
        claim_lines.modifier_2,
        claim_lines.modifier_3,
        claim_lines.modifier_4
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

modifiers as (
    {% for position in range(1, 5) -%}
        select
            claim_lines.claim_line_key,
            claim_lines.procedure_code,
            claim_lines.modifier_{{ position }} as modifier
        from claim_lines
        where claim_lines.modifier_{{ position }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

memberships as (
    select
        modifiers.claim_line_key,
        modifiers.modifier,
        {{ has_group('code_group', 'modifier_59') }} as is_distinct_service,
        {{ has_group('code_group', 'modifier_x') }} as is_exact_service,
        {{ has_group('code_group', 'modifier_separate_em') }} as is_separate_em,
        {{ has_group('code_group', 'modifier_component') }} as is_component
    from modifiers
    inner join {{ ref('code_group') }} as code_group on modifiers.modifier = code_group.code
    group by modifiers.claim_line_key, modifiers.modifier
),

-- 25 on a known code that is no visit, 26 or TC on an infusion or injection
marked as (
    select
        modifiers.claim_line_key,
        modifiers.modifier,
        case when known.code is null then 1 else 0 end as unknown_mark,
        case when memberships.is_distinct_service then 1 else 0 end as distinct_mark,
        case when memberships.is_exact_service then 1 else 0 end as exact_mark,
        case
            when
                memberships.is_separate_em
                and services.code_role not like 'em%'
                and visits.code is null
                then 1
            when memberships.is_component and infusions.code is not null then 1
            else 0
        end as misplaced_mark
    from modifiers
    left join memberships
        on
            modifiers.claim_line_key = memberships.claim_line_key
            and modifiers.modifier = memberships.modifier
    left join {{ ref('int_reference__codes') }} as known
        on
            known.code_system = 'modifier'
            and modifiers.modifier = known.code
    left join {{ ref('int_reference__codes') }} as services
        on
            services.code_system in ('CPT', 'HCPCS')
            and modifiers.procedure_code = services.code
    left join {{ ref('code_group') }} as visits
        on
            visits.group_name = 'modifier_25_allowed'
            and modifiers.procedure_code = visits.code
    left join {{ ref('code_group') }} as infusions
        on
            infusions.group_name = 'injection_infusion_drug'
            and modifiers.procedure_code = infusions.code
),

written as (
    select
        modifiers.claim_line_key,
        count(*) as modifier_count,
        count(*) - count(distinct modifiers.modifier) as repeated_count
    from modifiers
    group by modifiers.claim_line_key
),

modifier_faults as (
    select
        marked.claim_line_key,
        sum(marked.unknown_mark) as unknown_count,
        sum(marked.misplaced_mark)
        + case when max(marked.distinct_mark) = 1 and max(marked.exact_mark) = 1 then 1 else 0 end
            as fault_count
    from marked
    group by marked.claim_line_key
),

bypassed as (
    select distinct modifiers.claim_line_key
    from modifiers
    inner join {{ ref('code_group') }} as code_group
        on
            code_group.group_name in ('separate_service_modifier', 'modifier_separate_em')
            and modifiers.modifier = code_group.code
),

-- the release of a table that answers a date of service
releases as (
    select * from {{ ref('int_reference__releases') }}
),

-- this line is the second code of a pair, another line of patient and date the first
pairs as (
    select
        second_lines.claim_line_key,
        min(pair_table.column_1_code) as first_code,
        min(pair_table.modifier_indicator) as indicator,
        max(releases.release_date) as release_date,
        max(releases.covers_to_date) as covers_to_date,
        count(
            case
                when
                    first_lines.rendering_npi = second_lines.rendering_npi
                    and (
                        pair_table.modifier_indicator = '0'
                        or (second_bypass.claim_line_key is null and first_bypass.claim_line_key is null)
                    )
                    then 1
            end
        ) as open_count,
        count(
            case
                when
                    (first_lines.rendering_npi is null or second_lines.rendering_npi is null)
                    and (
                        pair_table.modifier_indicator = '0'
                        or (second_bypass.claim_line_key is null and first_bypass.claim_line_key is null)
                    )
                    then 1
            end
        ) as unknown_count
    from claim_lines as second_lines
    inner join releases
        on
            releases.reference_table = 'ptp_practitioner'
            and {{ is_in_force(
                'second_lines.service_date', 'releases.answers_from_date', 'releases.answers_to_date'
            ) }}
    inner join {{ ref('int_reference__ptp_pairs') }} as pair_table
        on
            releases.release_date = pair_table.release_date
            and second_lines.procedure_code = pair_table.column_2_code
            and pair_table.modifier_indicator in ('0', '1')
            and {{ is_in_force(
                'second_lines.service_date', 'pair_table.effective_date', 'pair_table.deletion_date'
            ) }}
    inner join claim_lines as first_lines
        on
            second_lines.patient_key = first_lines.patient_key
            and second_lines.service_date = first_lines.service_date
            and pair_table.column_1_code = first_lines.procedure_code
    left join bypassed as second_bypass on second_lines.claim_line_key = second_bypass.claim_line_key
    left join bypassed as first_bypass on first_lines.claim_line_key = first_bypass.claim_line_key
    where
        first_lines.rendering_npi is null
        or second_lines.rendering_npi is null
        or first_lines.rendering_npi = second_lines.rendering_npi
    group by second_lines.claim_line_key
),

limited as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.service_date,
        claim_lines.procedure_code,
        claim_lines.billed_units,
        mue.mue_units,
        mue.adjudication_indicator,
        releases.release_date,
        releases.covers_to_date
    from claim_lines
    inner join releases
        on
            releases.reference_table = 'mue_practitioner'
            and {{ is_in_force(
                'claim_lines.service_date', 'releases.answers_from_date', 'releases.answers_to_date'
            ) }}
    inner join {{ ref('int_reference__mues') }} as mue
        on
            releases.release_date = mue.release_date
            and claim_lines.procedure_code = mue.code
),

day_units as (
    select
        limited.patient_key,
        limited.service_date,
        limited.procedure_code,
        case when count(*) = count(limited.billed_units) then sum(limited.billed_units) end as units
    from limited
    where limited.service_date is not null
    group by limited.patient_key, limited.service_date, limited.procedure_code
),

mues as (
    select
        limited.claim_line_key,
        limited.mue_units,
        limited.release_date,
        limited.covers_to_date,
        case
            when limited.adjudication_indicator = '1' then limited.billed_units
            else day_units.units
        end as units
    from limited
    left join day_units
        on
            limited.patient_key = day_units.patient_key
            and limited.service_date = day_units.service_date
            and limited.procedure_code = day_units.procedure_code
),

facts as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        cast(coalesce(written.modifier_count, 0) as integer) as modifier_count,
        cast(
            case
                when modifier_faults.fault_count + written.repeated_count > 0
                    then modifier_faults.fault_count + written.repeated_count
                when modifier_faults.unknown_count = 0 then 0
            end as integer
        ) as modifier_fault_count,
        case
            when pairs.claim_line_key is null then null
            when claim_lines.service_date between pairs.release_date and pairs.covers_to_date then 'current'
            else 'stale'
        end as ptp_table_state,
        pairs.first_code as ptp_first_code,
        pairs.indicator as ptp_indicator,
        cast(
            case
                when pairs.open_count > 0 then pairs.open_count when pairs.unknown_count = 0 then 0
            end as integer
        ) as open_ptp_pair_count,
        case
            when mues.claim_line_key is null then null
            when claim_lines.service_date between mues.release_date and mues.covers_to_date then 'current'
            else 'stale'
        end as mue_table_state,
        cast(mues.mue_units as integer) as mue_limit,
        cast(mues.units as decimal(12, 3)) as mue_units,
        cast(mues.units - mues.mue_units as decimal(12, 3)) as units_above_mue
    from claim_lines
    left join written on claim_lines.claim_line_key = written.claim_line_key
    left join modifier_faults on claim_lines.claim_line_key = modifier_faults.claim_line_key
    left join pairs on claim_lines.claim_line_key = pairs.claim_line_key
    left join mues on claim_lines.claim_line_key = mues.claim_line_key
    where
        written.claim_line_key is not null
        or pairs.claim_line_key is not null
        or mues.claim_line_key is not null
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
