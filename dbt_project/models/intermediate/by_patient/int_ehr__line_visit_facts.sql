{# E/M visits and prolonged services: what stands beside them, who was seen before, the minutes. #}
{% set fact_names = [
    'is_nurse_visit', 'procedure_lines_beside_nurse_visit', 'patient_newness_billed',
    'face_to_face_count_in_three_years', 'patient_newness_seen', 'is_visit_with_25', 'procedure_lines_beside_visit',
    'sessions_on_visit_date', 'note_overlap_pct', 'em_monitoring_overlap_minutes', 'separate_note_fault_count',
    'is_prolonged_line', 'visit_em_minutes', 'visit_em_basis', 'expected_prolonged_code',
    'expected_prolonged_units', 'prolonged_fault_count', 'is_staff_prolonged_line', 'prolonged_staff_minutes',
    'staff_prolonged_fault_count', 'therapy_addon_lines_beside_visit', 'minutes_beyond_face_time',
] %}
{% set groups = {
    'is_em': 'em_office', 'is_nurse_visit': 'em_nurse_visit', 'is_new': 'em_new_patient',
    'is_established': 'em_established_patient', 'is_level_five': 'em_level_five',
    'is_prolonged': 'prolonged_code', 'is_deleted': 'prolonged_deleted', 'is_by_minutes': 'prolonged_by_minutes',
    'is_staff_prolonged': 'staff_prolonged', 'is_injection': 'infusion_injection_initial',
    'is_bundle': 'esketamine_bundle', 'is_therapy_addon': 'psychotherapy_addon',
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

all_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.claim_key,
        claim_lines.patient_key,
        claim_lines.clinic_id,
        claim_lines.service_date,
        claim_lines.procedure_code,
        claim_lines.billed_units,
        claim_lines.rendering_npi,
        {% for column in groups -%}
            coalesce(grouped.{{ column }}, false) as {{ column }},
        {% endfor -%}
        reference.code is not null and no_procedure.code is null as is_procedure,
        reference.code is null as is_unknown_code
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    left join grouped on claim_lines.claim_line_key = grouped.claim_line_key
    left join {{ ref('code_reference') }} as reference
        on
            reference.code_system in ('CPT', 'HCPCS')
            and claim_lines.procedure_code = reference.code
    left join {{ ref('code_group') }} as no_procedure
        on
            no_procedure.group_name = 'no_procedure_role'
            and reference.code_role = no_procedure.code
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

visit_lines as (
    select
        all_lines.*,
        codes.has_modifier_25,
        claims.line_of_business,
        visits.encounter_key,
        visits.em_basis,
        visits.em_minutes,
        visits.psychotherapy_minutes,
        visits.prolonged_staff_minutes,
        visits.face_minutes,
        visits.was_supervisor_on_site,
        visits.note_id,
        visits.provider_group_id,
        visits.specialty
    from all_lines
    inner join {{ ref('int_ehr__claims') }} as claims on all_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_codes') }} as codes on all_lines.claim_line_key = codes.claim_line_key
    inner join {{ ref('int_ehr__line_visits') }} as visits on all_lines.claim_line_key = visits.claim_line_key
    where all_lines.is_em or all_lines.is_prolonged or all_lines.is_staff_prolonged
),

-- lines of patient and date, the line itself among them
beside as (
    select
        visit_lines.claim_line_key,
        count(case when others.is_injection then 1 end) as injection_count,
        count(case when others.is_procedure then 1 end) as procedure_count,
        count(case when others.is_unknown_code then 1 end) as unknown_code_count,
        count(case when others.is_bundle then 1 end) as bundle_count,
        count(case when others.is_by_minutes then 1 end) as clinician_prolonged_count,
        count(
            case when others.is_therapy_addon and others.rendering_npi = visit_lines.rendering_npi then 1 end
        ) as addon_count,
        count(
            case
                when
                    others.is_therapy_addon
                    and (others.rendering_npi is null or visit_lines.rendering_npi is null)
                    then 1
            end
        ) as possible_addon_count,
        max(
            case
                when others.is_level_five and others.rendering_npi = visit_lines.rendering_npi
                    then others.procedure_code
            end
        ) as base_code,
        count(
            case
                when
                    others.is_level_five
                    and (others.rendering_npi is null or visit_lines.rendering_npi is null)
                    then 1
            end
        ) as possible_base_count,
        case
            when
                count(case when others.procedure_code = visit_lines.procedure_code then 1 end)
                = count(
                    case when others.procedure_code = visit_lines.procedure_code then others.billed_units end
                )
                then sum(
                    case when others.procedure_code = visit_lines.procedure_code then others.billed_units end
                )
        end as units_on_date
    from visit_lines
    inner join all_lines as others
        on
            visit_lines.patient_key = others.patient_key
            and visit_lines.service_date = others.service_date
    group by visit_lines.claim_line_key
),

-- held face-to-face encounters of the three years before, the exact day included
looked_back as (
    select
        visit_lines.claim_line_key,
        count(
            case
                when
                    earlier.encounter_mode is not null
                    and (
                        earlier.rendering_npi = visit_lines.rendering_npi
                        or (
                            earlier.provider_group_id = visit_lines.provider_group_id
                            and earlier.specialty = visit_lines.specialty
                        )
                    )
                    then 1
            end
        ) as certain_count,
        count(
            case
                when
                    earlier.rendering_npi is null
                    or visit_lines.rendering_npi is null
                    or earlier.rendering_npi = visit_lines.rendering_npi
                    or earlier.provider_group_id is null
                    or visit_lines.provider_group_id is null
                    or (
                        earlier.provider_group_id = visit_lines.provider_group_id
                        and (
                            earlier.specialty is null
                            or visit_lines.specialty is null
                            or earlier.specialty = visit_lines.specialty
                        )
                    )
                    then 1
            end
        ) as possible_count
    from visit_lines
    inner join {{ ref('int_ehr__encounters') }} as earlier
        on
            visit_lines.patient_key = earlier.patient_key
            and earlier.service_date >= visit_lines.service_date - interval '3' year
            and visit_lines.service_date > earlier.service_date
    left join {{ ref('code_group') }} as not_held
        on
            not_held.group_name = 'encounter_not_held'
            and lower(earlier.encounter_status) = not_held.code
    left join {{ ref('code_group') }} as not_face_to_face
        on
            not_face_to_face.group_name = 'not_face_to_face_mode'
            and earlier.encounter_mode = not_face_to_face.code
    where
        (visit_lines.is_new or visit_lines.is_established)
        and not_held.code is null
        and not_face_to_face.code is null
        and {{ in_changed_scopes('earlier.patient_key') }}
    group by visit_lines.claim_line_key
),

-- sessions of patient and date, with the time they were watched
sessions as (
    select
        administrations.patient_key,
        administrations.service_date,
        administrations.encounter_key,
        min(coalesce(administrations.last_device_at_utc, administrations.start_at_utc)) as watched_from_utc,
        case
            when count(*) = count(administrations.discharged_at_utc)
                then max(administrations.discharged_at_utc)
        end as watched_to_utc
    from {{ ref('int_ehr__administrations') }} as administrations
    where
        not administrations.is_entered_in_error
        and {{ in_changed_scopes('administrations.patient_key') }}
    group by administrations.patient_key, administrations.service_date, administrations.encounter_key
),

em_logs as (
    select
        time_logs.patient_key,
        time_logs.encounter_key,
        time_logs.start_at_utc,
        time_logs.end_at_utc
    from {{ ref('int_ehr__time_logs') }} as time_logs
    where
        time_logs.activity_code = 'em'
        and time_logs.encounter_key is not null
        and {{ in_changed_scopes('time_logs.patient_key') }}
),

-- an E/M chosen by decision making claims no minutes; one without its log may
watched as (
    select
        visit_lines.claim_line_key,
        sessions.encounter_key as session_encounter_key,
        max(
            case
                when em_logs.encounter_key is not null
                    then {{ shared_minutes(
                        'em_logs.start_at_utc', 'em_logs.end_at_utc', 'sessions.watched_from_utc', 'sessions.watched_to_utc'
                    ) }}
                when visit_lines.em_basis = 'mdm' then 0
            end
        ) as overlap_minutes,
        count(
            case
                when
                    em_logs.encounter_key is not null
                    and (
                        em_logs.start_at_utc is null or em_logs.end_at_utc is null
                        or sessions.watched_from_utc is null or sessions.watched_to_utc is null
                    )
                    then 1
            end
        ) as unknown_count
    from visit_lines
    inner join sessions
        on
            visit_lines.patient_key = sessions.patient_key
            and visit_lines.service_date = sessions.service_date
    left join em_logs
        on
            visit_lines.patient_key = em_logs.patient_key
            and visit_lines.encounter_key = em_logs.encounter_key
    where visit_lines.is_em
    group by visit_lines.claim_line_key, sessions.encounter_key
),

-- the E/M's own note is told by the session's documentation where both are one encounter
noted as (
    select
        watched.claim_line_key,
        watched.overlap_minutes,
        watched.unknown_count,
        coalesce(
            documentations.em_note_id,
            case when visit_lines.encounter_key <> watched.session_encounter_key then visit_lines.note_id end
        ) = session_encounters.note_id as is_one_note,
        documentations.em_note_overlap_pct
    from watched
    inner join visit_lines on watched.claim_line_key = visit_lines.claim_line_key
    left join {{ ref('int_ehr__encounters') }} as session_encounters
        on
            watched.session_encounter_key = session_encounters.encounter_key
            and visit_lines.patient_key = session_encounters.patient_key
    left join {{ ref('int_ehr__session_documentations') }} as documentations
        on
            watched.session_encounter_key = documentations.encounter_key
            and visit_lines.patient_key = documentations.patient_key
),

separated as (
    select
        noted.claim_line_key,
        count(*) as session_count,
        max(case when noted.is_one_note then 100 else noted.em_note_overlap_pct end) as overlap_pct,
        count(case when noted.is_one_note then 1 else noted.em_note_overlap_pct end) = count(*)
        and count(noted.is_one_note) = count(*) as is_note_known,
        max(noted.overlap_minutes) as overlap_minutes,
        count(noted.overlap_minutes) = count(*) and max(noted.unknown_count) = 0 as is_time_known
    from noted
    group by noted.claim_line_key
),

delivered as (
    select deliveries.clinic_id from {{ ref('int_ehr__deliveries') }} as deliveries
    where deliveries.table_name = 'administration'
),

gathered as (
    select
        visit_lines.*,
        beside.injection_count,
        beside.procedure_count,
        beside.unknown_code_count,
        beside.bundle_count,
        beside.clinician_prolonged_count,
        beside.base_code,
        beside.possible_base_count,
        beside.units_on_date,
        case when beside.claim_line_key is not null then {{ certain_count(
            'beside.addon_count', 'beside.possible_addon_count'
        ) }} end as addon_count,
        looked_back.certain_count,
        coalesce(looked_back.possible_count, 0) as possible_count,
        histories.first_encounter_date,
        case
            when delivered.clinic_id is not null and visit_lines.service_date is not null
                then coalesce(separated.session_count, 0)
        end as session_count,
        separated.overlap_pct,
        separated.overlap_minutes,
        case
            when
                separated.overlap_pct >= {{ threshold('note_overlap_pct', 'visit_lines.service_date') }}
                then true
            when separated.is_note_known then false
        end as is_note_shared,
        case
            when separated.overlap_minutes > 0 then true
            when separated.is_time_known then false
        end as is_time_shared,
        case
            when medicare_style.code is not null then 'G2212'
            when visit_lines.line_of_business is not null then '99417'
        end as family_code,
        steps.first_minutes,
        steps.step_minutes
    from visit_lines
    left join beside on visit_lines.claim_line_key = beside.claim_line_key
    left join looked_back on visit_lines.claim_line_key = looked_back.claim_line_key
    left join separated on visit_lines.claim_line_key = separated.claim_line_key
    left join delivered on visit_lines.clinic_id = delivered.clinic_id
    left join {{ ref('int_ehr__clinic_histories') }} as histories
        on visit_lines.clinic_id = histories.clinic_id
    left join {{ ref('code_group') }} as medicare_style
        on
            medicare_style.group_name = 'medicare_style_line_of_business'
            and visit_lines.line_of_business = medicare_style.code
    left join {{ ref('prolonged_threshold') }} as steps
        on
            visit_lines.procedure_code = steps.code
            and beside.base_code = steps.base_code
            and {{ is_in_force('visit_lines.service_date', 'steps.valid_from', 'steps.valid_to') }}
),

timed as (
    select
        gathered.*,
        cast(
            case
                when gathered.service_date is null then null
                when not (gathered.is_new or gathered.is_established) then null
                when gathered.certain_count > 0 then gathered.certain_count
                when gathered.possible_count > 0 then null
                when gathered.first_encounter_date <= gathered.service_date - interval '3' year then 0
            end as integer
        ) as seen_count,
        case
            when gathered.em_minutes < gathered.first_minutes then 0
            else floor((gathered.em_minutes - gathered.first_minutes) / gathered.step_minutes) + 1
        end as expected_units
    from gathered
),

facts as (
    select
        timed.claim_line_key,
        timed.patient_key,
        timed.is_nurse_visit,
        cast(case when timed.is_nurse_visit then timed.injection_count end as integer)
            as procedure_lines_beside_nurse_visit,
        case when timed.is_new then 'new' when timed.is_established then 'established' end
            as patient_newness_billed,
        timed.seen_count as face_to_face_count_in_three_years,
        case when timed.seen_count > 0 then 'established' when timed.seen_count = 0 then 'new' end
            as patient_newness_seen,
        timed.is_em and timed.has_modifier_25 as is_visit_with_25,
        case
            when timed.is_em then {{ certain_count('timed.procedure_count', 'timed.unknown_code_count') }}
        end as procedure_lines_beside_visit,
        cast(case when timed.is_em then timed.session_count end as integer) as sessions_on_visit_date,
        cast(timed.overlap_pct as decimal(6, 2)) as note_overlap_pct,
        cast(timed.overlap_minutes as integer) as em_monitoring_overlap_minutes,
        case
            when timed.is_em and timed.session_count > 0
                then {{ count_of_true(['timed.is_note_shared', 'timed.is_time_shared']) }}
        end as separate_note_fault_count,
        timed.is_prolonged as is_prolonged_line,
        timed.em_minutes as visit_em_minutes,
        timed.em_basis as visit_em_basis,
        case when timed.is_by_minutes then timed.family_code end as expected_prolonged_code,
        cast(timed.expected_units as integer) as expected_prolonged_units,
        case
            when timed.is_prolonged
                then {{ count_of_true([
                    'timed.is_deleted',
                    'timed.bundle_count > 0',
                    'timed.is_by_minutes and timed.procedure_code <> timed.family_code',
                    'timed.is_by_minutes and timed.base_code is null and '
                    ~ 'case when timed.possible_base_count = 0 then true end',
                    "timed.is_by_minutes and timed.base_code is not null and timed.em_basis = 'time' "
                    ~ 'and timed.units_on_date <> timed.expected_units',
                ]) }}
        end as prolonged_fault_count,
        timed.is_staff_prolonged as is_staff_prolonged_line,
        timed.prolonged_staff_minutes,
        case
            when timed.is_staff_prolonged
                then {{ count_of_true([
                    'timed.prolonged_staff_minutes < ' ~ threshold('staff_prolonged_minutes', 'timed.service_date'),
                    'not timed.was_supervisor_on_site',
                    'timed.clinician_prolonged_count > 0',
                ]) }}
        end as staff_prolonged_fault_count,
        case when timed.is_em then timed.addon_count end as therapy_addon_lines_beside_visit,
        case
            when timed.is_em
                then cast(timed.em_minutes + timed.psychotherapy_minutes - timed.face_minutes as integer)
        end as minutes_beyond_face_time
    from timed
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
