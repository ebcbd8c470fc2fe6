{# Lines of injections, infusions and what a facility bills: clock, route, parent, place. #}
{% set groups = {
    'is_injection_infusion_code': 'injection_infusion_drug', 'is_timed_infusion_code': 'infusion_timed',
    'is_infusion_initial': 'infusion_initial', 'is_push_initial': 'push_initial',
    'is_infusion_addon': 'infusion_addon', 'is_initial_service': 'initial_service', 'is_iv_code': 'route_iv',
    'is_im_sc_code': 'route_im_sc', 'is_hydration_code': 'hydration',
    'is_addon_code': 'addon_infusion_injection', 'is_facility_excluded_code': 'facility_excluded_service',
} %}
{% set fact_names = [
    'is_injection_infusion_code', 'is_timed_infusion_code', 'has_infusion_times', 'infusion_minutes',
    'is_initial_time_code', 'expected_initial_code', 'is_addon_time_code', 'billed_addon_units',
    'expected_addon_units', 'is_first_service_code', 'initial_line_count_in_session', 'code_route',
    'session_route', 'is_nasal_only_session', 'is_infusion_addon_code', 'parent_line_count',
    'is_hydration_beside_infusion', 'hydration_minutes_missing', 'is_facility_excluded_code',
    'is_facility_place',
] %}

with claim_lines as (
    select
        claim_lines.*,
        claims.place_of_service_code,
        coalesce(claims.claim_type_code = '837p', claim_lines.revenue_code is null) as is_professional,
        coalesce(
            claim_lines.encounter_key, claim_lines.patient_key || cast(claim_lines.service_date as varchar)
        )
            as session_key
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

memberships as (
    select
        claim_lines.claim_line_key,
        code_group.group_name
    from claim_lines
    inner join {{ ref('code_group') }} as code_group
        on
            claim_lines.procedure_code = code_group.code
            and {{ is_in_force('claim_lines.service_date', 'code_group.valid_from', 'code_group.valid_to') }}
    union all
    select
        claim_lines.claim_line_key,
        code_group.group_name
    from claim_lines
    inner join {{ ref('code_group') }} as code_group
        on
            code_group.group_name = 'facility_excluded_prefix'
            and substr(claim_lines.procedure_code, 1, 1) = code_group.code
),

grouped as (
    select
        memberships.claim_line_key,
        {% for column, group_name in groups.items() -%}
            {{ has_group('memberships', group_name) }} as {{ column }},
        {% endfor -%}
        {{ has_group('memberships', 'facility_excluded_prefix') }} as has_facility_excluded_prefix
    from memberships
    group by memberships.claim_line_key
),

separated as (
    select distinct claim_lines.claim_line_key
    from claim_lines
    inner join {{ ref('code_group') }} as code_group
        on
            code_group.group_name = 'separate_service_modifier'
            and code_group.code in (
                claim_lines.modifier_1, claim_lines.modifier_2, claim_lines.modifier_3, claim_lines.modifier_4
            )
),

concerned as (
    select
        claim_lines.*,
        {% for column in groups if column != 'is_facility_excluded_code' -%}
            grouped.{{ column }},
        {% endfor -%}
        claim_lines.is_professional
        and (grouped.is_facility_excluded_code or grouped.has_facility_excluded_prefix)
            as is_facility_excluded_code,
        separated.claim_line_key is not null as has_separate_modifier,
        coalesce(facility.code is not null, false) as is_in_facility
    from claim_lines
    inner join grouped on claim_lines.claim_line_key = grouped.claim_line_key
    left join separated on claim_lines.claim_line_key = separated.claim_line_key
    left join {{ ref('code_group') }} as facility
        on
            facility.group_name = 'facility_place'
            and claim_lines.place_of_service_code = facility.code
    where
        grouped.is_injection_infusion_code
        or grouped.is_timed_infusion_code
        or grouped.is_initial_service
        or grouped.is_facility_excluded_code
        or grouped.has_facility_excluded_prefix
),

counted as (
    select
        concerned.patient_key,
        concerned.service_date,
        concerned.session_key,
        count(case when concerned.is_initial_service and not concerned.has_separate_modifier then 1 end)
            as initial_line_count,
        count(case when concerned.is_infusion_initial then 1 end) as infusion_initial_count,
        count(case when concerned.is_infusion_addon then 1 end) as addon_line_count,
        case
            when
                count(case when concerned.is_infusion_addon then 1 end)
                = count(case when concerned.is_infusion_addon then concerned.billed_units end)
                then coalesce(sum(case when concerned.is_infusion_addon then concerned.billed_units end), 0)
        end as addon_units
    from concerned
    where concerned.service_date is not null
    group by concerned.patient_key, concerned.service_date, concerned.session_key
),

parents as (
    select
        addons.claim_line_key,
        count(case when beside.rendering_npi = addons.rendering_npi then 1 end) as same_clinician_count,
        count(case when beside.rendering_npi is null or addons.rendering_npi is null then 1 end)
            as unknown_clinician_count
    from concerned as addons
    inner join {{ ref('code_parent') }} as code_parent
        on
            addons.procedure_code = code_parent.addon_code
            and {{ is_in_force('addons.service_date', 'code_parent.valid_from', 'code_parent.valid_to') }}
    inner join concerned as beside
        on
            addons.claim_key = beside.claim_key
            and addons.service_date = beside.service_date
            and code_parent.parent_code = beside.procedure_code
    where addons.is_addon_code
    group by addons.claim_line_key
),

given as (
    select
        administrations.*,
        hydration.code is not null as is_hydration
    from {{ ref('int_ehr__administrations') }} as administrations
    left join {{ ref('code_group') }} as hydration
        on
            hydration.group_name = 'hydration_fluid'
            and administrations.drug_name = hydration.code
    where
        administrations.route = 'iv'
        and not administrations.is_entered_in_error
        and {{ in_changed_scopes('administrations.patient_key') }}
),

-- minutes of a fluid less those in which a drug ran beside it; a time that is unknown makes them unknown
fluid_minutes as (
    select
        fluids.administration_key,
        fluids.encounter_key,
        {{ minutes_between('fluids.start_at_utc', 'fluids.stop_at_utc') }} as minutes,
        count(drugs.administration_key)
        = count(case when drugs.start_at_utc < drugs.stop_at_utc then 1 end) as are_drug_times_known,
        coalesce(
            sum(
                greatest(
                    {{ minutes_between(
                        'greatest(fluids.start_at_utc, drugs.start_at_utc)',
                        'least(fluids.stop_at_utc, drugs.stop_at_utc)'
                    ) }}, 0
                )
            ), 0
        ) as shared_minutes
    from given as fluids
    left join given as drugs
        on
            fluids.encounter_key = drugs.encounter_key
            and not drugs.is_hydration
    where fluids.is_hydration
    group by fluids.administration_key, fluids.encounter_key, fluids.start_at_utc, fluids.stop_at_utc
),

hydrations as (
    select
        fluid_minutes.encounter_key,
        case
            when count(*) = count(case when fluid_minutes.are_drug_times_known then fluid_minutes.minutes end)
                then sum(fluid_minutes.minutes - fluid_minutes.shared_minutes)
        end as minutes_apart,
        count(*) as fluid_count
    from fluid_minutes
    group by fluid_minutes.encounter_key
),

codes as (
    select
        min(case when group_name = 'infusion_initial' then code end) as infusion_code,
        min(case when group_name = 'push_initial' then code end) as push_code
    from {{ ref('code_group') }}
),

facts as (
    select
        concerned.claim_line_key,
        concerned.patient_key,
        concerned.is_injection_infusion_code,
        concerned.is_timed_infusion_code,
        case
            when not concerned.is_timed_infusion_code then null
            when concerned.is_hydration_code and sessions.iv_count > 0
                then sessions.timed_iv_count = sessions.iv_count
            when sessions.infusion_count > 0 then sessions.timed_infusion_count = sessions.infusion_count
        end as has_infusion_times,
        sessions.infusion_minutes,
        concerned.is_infusion_initial
        or (concerned.is_push_initial and coalesce(counted.infusion_initial_count, 0) = 0)
            as is_initial_time_code,
        case
            when
                sessions.infusion_minutes
                >= {{ threshold('infusion_initial_minutes', 'concerned.service_date') }}
                then codes.infusion_code
            when sessions.infusion_minutes is not null and concerned.service_date is not null
                then codes.push_code
        end as expected_initial_code,
        concerned.is_infusion_addon
        or (concerned.is_infusion_initial and coalesce(counted.addon_line_count, 0) = 0)
            as is_addon_time_code,
        cast(counted.addon_units as decimal(12, 3)) as billed_addon_units,
        cast(
            greatest(
                floor(
                    (
                        sessions.infusion_minutes
                        - {{ threshold('infusion_addon_first_minutes', 'concerned.service_date') }}
                    ) / {{ threshold('infusion_addon_step_minutes', 'concerned.service_date') }}
                ) + 1, case when sessions.infusion_minutes is not null then 0 end
            ) as decimal(12, 3)
        ) as expected_addon_units,
        concerned.is_initial_service and not concerned.has_separate_modifier as is_first_service_code,
        cast(counted.initial_line_count as integer) as initial_line_count_in_session,
        case when concerned.is_iv_code then 'iv' when concerned.is_im_sc_code then 'im_sc' end as code_route,
        case
            when concerned.is_iv_code and sessions.iv_count > 0 then 'iv'
            when concerned.is_im_sc_code and sessions.im_sc_count > 0 then 'im_sc'
            when sessions.unknown_route_count > 0 then null
            when sessions.iv_count > 0 then 'iv'
            when sessions.im_sc_count > 0 then 'im_sc'
            when sessions.nasal_count > 0 then 'nasal'
            when sessions.administration_count > 0 then 'other'
        end as session_route,
        case
            when
                sessions.administration_count
                > sessions.nasal_count + sessions.unknown_route_count
                then false
            when sessions.unknown_route_count = 0 and sessions.nasal_count > 0 then true
        end as is_nasal_only_session,
        concerned.is_addon_code and concerned.is_professional as is_infusion_addon_code,
        cast(
            case
                when concerned.service_date is null then null
                when parents.same_clinician_count > 0 then parents.same_clinician_count
                when coalesce(parents.unknown_clinician_count, 0) = 0 then 0
            end as integer
        ) as parent_line_count,
        concerned.is_hydration_code and coalesce(counted.infusion_initial_count, 0) > 0
            as is_hydration_beside_infusion,
        cast(
            {{ threshold('hydration_minutes', 'concerned.service_date') }}
            - case
                when sessions.administration_count is null or concerned.encounter_key is null then null
                when hydrations.fluid_count > 0 then hydrations.minutes_apart
                else 0
            end as decimal(12, 3)
        ) as hydration_minutes_missing,
        concerned.is_facility_excluded_code,
        case when concerned.place_of_service_code is not null then concerned.is_in_facility end
            as is_facility_place
    from concerned
    cross join codes
    inner join {{ ref('int_ehr__line_sessions') }} as sessions
        on concerned.claim_line_key = sessions.claim_line_key
    left join counted
        on
            concerned.patient_key = counted.patient_key
            and concerned.service_date = counted.service_date
            and concerned.session_key = counted.session_key
    left join parents on concerned.claim_line_key = parents.claim_line_key
    left join hydrations on concerned.encounter_key = hydrations.encounter_key
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
