{# REMS, observation and the label of an esketamine session. #}
{% set fact_names = [
    'is_site_rems_certified', 'is_patient_rems_enrolled', 'rems_form_due_date', 'rems_form_submitted_date',
    'has_rems_form', 'bp_readings_missing', 'is_high_bp_before_dose', 'has_high_bp_note', 'is_first_session',
    'session_indication', 'first_dose_difference_mg', 'treatment_week', 'sessions_above_label',
    'pa_after_label_weeks_count', 'label_weeks_exceeded', 'age_years',
] %}

with sessions as (
    select * from {{ ref('int_ehr__esketamine_sessions') }}
    where {{ in_changed_scopes('patient_key') }}
),

deliveries as (
    select
        delivered.clinic_id,
        count(case when delivered.table_name = 'patient' then 1 end) > 0 as has_patients,
        count(case when delivered.table_name = 'patient.rems_enrolled_on' then 1 end) > 0 as tells_enrolments,
        count(case when delivered.table_name = 'site.rems_site_id' then 1 end) > 0 as tells_site_numbers,
        count(case when delivered.table_name = 'rems_form' then 1 end) > 0 as has_rems_forms,
        count(case when delivered.table_name = 'observation' then 1 end) > 0 as has_observations,
        count(case when delivered.table_name = 'prior_auth' then 1 end) > 0 as has_prior_auths
    from {{ ref('int_ehr__deliveries') }} as delivered
    group by delivered.clinic_id
),

forms as (
    select
        rems_forms.encounter_key,
        min(rems_forms.submitted_date) as submitted_date
    from {{ ref('int_ehr__rems_forms') }} as rems_forms
    where {{ in_changed_scopes('rems_forms.patient_key') }}
    group by rems_forms.encounter_key
),

readings as (
    select observations.*
    from {{ ref('int_ehr__observations') }} as observations
    where
        observations.observation_kind = 'bp'
        and {{ in_changed_scopes('observations.patient_key') }}
),

-- a reading that names no encounter belongs to the patient's session of its date
session_readings as (
    select
        sessions.encounter_key,
        readings.taken_at_utc,
        readings.systolic_mmhg,
        readings.diastolic_mmhg
    from sessions
    inner join readings on sessions.encounter_key = readings.encounter_key
    union all
    select
        sessions.encounter_key,
        readings.taken_at_utc,
        readings.systolic_mmhg,
        readings.diastolic_mmhg
    from sessions
    inner join readings
        on
            sessions.patient_key = readings.patient_key
            and sessions.service_date = readings.taken_date
    where readings.encounter_key is null
),

timed as (
    select
        session_readings.*,
        session_readings.systolic_mmhg is not null
        and session_readings.diastolic_mmhg is not null as is_whole,
        {{ minutes_between('sessions.started_at_utc', 'session_readings.taken_at_utc') }}
            as minutes_after_start,
        session_readings.taken_at_utc <= sessions.discharged_at_utc as is_before_discharge,
        {{ threshold('bp_before_dose_minutes', 'sessions.service_date') }} as before_minutes,
        {{ threshold('bp_middle_from_minutes', 'sessions.service_date') }} as middle_from_minutes,
        {{ threshold('bp_middle_to_minutes', 'sessions.service_date') }} as middle_to_minutes,
        {{ threshold('bp_last_from_minutes', 'sessions.service_date') }} as last_from_minutes,
        {{ threshold('bp_high_systolic_mmhg', 'sessions.service_date') }} as high_systolic_mmhg,
        {{ threshold('bp_high_diastolic_mmhg', 'sessions.service_date') }} as high_diastolic_mmhg
    from session_readings
    inner join sessions on session_readings.encounter_key = sessions.encounter_key
),

pressures as (
    select
        timed.encounter_key,
        count(case when not timed.is_whole or timed.taken_at_utc is null then 1 end) as unclear_count,
        max(
            case
                when
                    timed.is_whole and timed.minutes_after_start between -timed.before_minutes and 0
                    then 1
                else 0
            end
        )
            as before_count,
        max(
            case
                when
                    timed.is_whole
                    and timed.minutes_after_start >= timed.middle_from_minutes
                    and timed.minutes_after_start <= timed.middle_to_minutes
                    then 1
                else 0
            end
        ) as middle_count,
        max(
            case
                when
                    timed.is_whole
                    and timed.is_before_discharge
                    and timed.minutes_after_start >= timed.last_from_minutes
                    then 1
                else 0
            end
        ) as last_count,
        max(
            case
                when
                    not timed.is_whole or not timed.minutes_after_start between -timed.before_minutes and 0
                    then null
                when
                    timed.systolic_mmhg > timed.high_systolic_mmhg
                    or timed.diastolic_mmhg > timed.high_diastolic_mmhg
                    then 1
                else 0
            end
        ) as high_before_count
    from timed
    group by timed.encounter_key
),

-- authorizations that began only after the weeks the label knows for the indication
late_prior_auths as (
    select
        sessions.encounter_key,
        count(*) as prior_auth_count
    from sessions
    inner join {{ ref('int_ehr__prior_auths') }} as prior_auths
        on sessions.patient_key = prior_auths.patient_key
    inner join {{ ref('drug_reference') }} as drugs
        on
            prior_auths.drug_name = drugs.drug_alias
            and drugs.is_esketamine
    where
        prior_auths.was_ever_approved
        and sessions.service_date between prior_auths.valid_from_date and prior_auths.valid_to_date
        and {{ days_between('sessions.first_session_date', 'prior_auths.valid_from_date') }}
        >= 7 * {{ threshold('mdd_si_weeks', 'sessions.service_date') }}
    group by sessions.encounter_key
),

facts as (
    select
        sessions.encounter_key,
        sessions.patient_key,
        case
            when sites.site_id is null or sessions.service_date is null then null
            when sites.rems_site_id is null and sites.rems_from_date is null
                then case when deliveries.tells_site_numbers then false end
            when sites.rems_to_date < sessions.service_date then false
            else sites.rems_from_date <= sessions.service_date
        end as is_site_rems_certified,
        case
            when
                patients.patient_key is not null and sessions.service_date is not null
                and (patients.rems_enrolled_date is not null or deliveries.tells_enrolments)
                then coalesce(patients.rems_enrolled_date <= sessions.service_date, false)
        end as is_patient_rems_enrolled,
        cast(
            sessions.service_date
            + cast({{ threshold('rems_form_days', 'sessions.service_date') }} as integer)
            * (interval '1' day) as date
        ) as rems_form_due_date,
        forms.submitted_date as rems_form_submitted_date,
        case when deliveries.has_rems_forms then forms.encounter_key is not null end as has_rems_form,
        cast(
            case
                when
                    not coalesce(deliveries.has_observations, false)
                    or sessions.started_at_utc is null
                    or sessions.discharged_at_utc is null
                    then null
                when pressures.encounter_key is null then 3
                when
                    pressures.before_count + pressures.middle_count + pressures.last_count = 3
                    or pressures.unclear_count = 0
                    then 3 - pressures.before_count - pressures.middle_count - pressures.last_count
            end as integer
        ) as bp_readings_missing,
        pressures.high_before_count > 0 as is_high_bp_before_dose,
        documentations.has_high_bp_note,
        -- the first on file is the first of all only where the clinic's history began before it
        case
            when sessions.service_date > sessions.first_session_date then false
            when histories.first_encounter_date < sessions.service_date then true
        end as is_first_session,
        sessions.indication_code as session_indication,
        sessions.dose_mg
        - {{ threshold('first_dose_trd_mg', 'sessions.service_date') }} as first_dose_difference_mg,
        sessions.treatment_week,
        cast(
            sessions.session_number_in_week
            - case
                when
                    sessions.treatment_week <= {{ threshold('induction_weeks', 'sessions.service_date') }}
                    then {{ threshold('induction_sessions_per_week', 'sessions.service_date') }}
                else {{ threshold('later_sessions_per_week', 'sessions.service_date') }}
            end as integer
        ) as sessions_above_label,
        cast(
            case
                when deliveries.has_prior_auths then coalesce(late_prior_auths.prior_auth_count, 0)
            end as integer
        )
            as pa_after_label_weeks_count,
        cast(
            sessions.treatment_week - {{ threshold('mdd_si_weeks', 'sessions.service_date') }} as integer
        ) as label_weeks_exceeded,
        cast(
            extract(year from sessions.service_date) - extract(year from patients.birth_date)
            - case
                when
                    extract(month from sessions.service_date) * 100 + extract(day from sessions.service_date)
                    < extract(month from patients.birth_date) * 100 + extract(day from patients.birth_date)
                    then 1
                else 0
            end as integer
        ) as age_years
    from sessions
    left join deliveries on sessions.clinic_id = deliveries.clinic_id
    left join {{ ref('int_ehr__clinic_histories') }} as histories on sessions.clinic_id = histories.clinic_id
    left join {{ ref('int_ehr__sites') }} as sites
        on
            sessions.clinic_id = sites.clinic_id
            and sessions.site_id = sites.site_id
    left join {{ ref('int_ehr__patients') }} as patients on sessions.patient_key = patients.patient_key
    left join forms on sessions.encounter_key = forms.encounter_key
    left join pressures on sessions.encounter_key = pressures.encounter_key
    left join {{ ref('int_ehr__session_documentations') }} as documentations
        on sessions.encounter_key = documentations.encounter_key
    left join late_prior_auths on sessions.encounter_key = late_prior_auths.encounter_key
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
