{# Sessions with esketamine, their place in the course of treatment and what they are for. #}

with given as (
    select
        encounters.encounter_key,
        encounters.patient_key,
        encounters.clinic_id,
        encounters.site_id,
        coalesce(encounters.service_date, administrations.service_date) as service_date,
        administrations.dose_mg,
        administrations.start_at_utc,
        administrations.discharged_at_utc
    from {{ ref('int_ehr__administrations') }} as administrations
    inner join {{ ref('int_ehr__encounters') }} as encounters
        on administrations.encounter_key = encounters.encounter_key
    where
        administrations.is_esketamine
        and not administrations.is_entered_in_error
        and {{ in_changed_scopes('administrations.patient_key') }}
),

-- one unknown dose or time makes the session's unknown
sessions as (
    select
        given.encounter_key,
        given.patient_key,
        given.clinic_id,
        min(given.site_id) as site_id,
        min(given.service_date) as service_date,
        case when count(given.dose_mg) = count(*) then sum(given.dose_mg) end as dose_mg,
        case when count(given.start_at_utc) = count(*) then min(given.start_at_utc) end as started_at_utc,
        case when count(given.discharged_at_utc) = count(*) then max(given.discharged_at_utc) end
            as discharged_at_utc
    from given
    group by given.encounter_key, given.patient_key, given.clinic_id
),

courses as (
    select
        sessions.patient_key,
        min(sessions.service_date) as first_session_date
    from sessions
    group by sessions.patient_key
),

-- an authorization says what the treatment is for; without one, the diagnoses billed for the day do
authorised as (
    select
        sessions.encounter_key,
        min(lower(prior_auths.indication_code)) as indication_code
    from sessions
    inner join {{ ref('int_ehr__prior_auths') }} as prior_auths
        on sessions.patient_key = prior_auths.patient_key
    inner join {{ ref('drug_reference') }} as drugs
        on
            prior_auths.drug_name = drugs.drug_alias
            and drugs.is_esketamine
    where
        prior_auths.was_ever_approved
        and prior_auths.indication_code is not null
        and sessions.service_date between prior_auths.valid_from_date and prior_auths.valid_to_date
    group by sessions.encounter_key
    having count(distinct lower(prior_auths.indication_code)) = 1
),

billed_days as (
    select distinct
        claim_lines.patient_key,
        claim_lines.service_date,
        claim_lines.claim_key
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

diagnosed as (
    select
        billed_days.patient_key,
        billed_days.service_date,
        count(ideation.code) as ideation_count,
        count(depression.code) as depression_count
    from billed_days
    inner join {{ ref('int_ehr__claim_diagnoses') }} as diagnoses
        on billed_days.claim_key = diagnoses.claim_key
    left join {{ ref('code_group') }} as ideation
        on
            ideation.group_name = 'icd10_suicidal_ideation'
            and diagnoses.diagnosis_code = ideation.code
    left join {{ ref('code_group') }} as depression
        on
            depression.group_name = 'icd10_major_depression_prefix'
            and substr(diagnoses.diagnosis_code, 1, 3) = depression.code
    group by billed_days.patient_key, billed_days.service_date
),

placed as (
    select
        sessions.*,
        courses.first_session_date,
        cast(
            floor({{ days_between('courses.first_session_date', 'sessions.service_date') }} / 7.0) + 1
            as integer
        ) as treatment_week,
        coalesce(
            authorised.indication_code,
            case
                when diagnosed.ideation_count > 0 then 'mdd_si'
                when diagnosed.depression_count > 0 then 'trd'
            end
        ) as indication_code
    from sessions
    inner join courses on sessions.patient_key = courses.patient_key
    left join authorised on sessions.encounter_key = authorised.encounter_key
    left join diagnosed
        on
            sessions.patient_key = diagnosed.patient_key
            and sessions.service_date = diagnosed.service_date
)

select
    placed.encounter_key,
    placed.patient_key,
    placed.clinic_id,
    placed.site_id,
    placed.service_date,
    cast(placed.dose_mg as decimal(12, 3)) as dose_mg,
    placed.started_at_utc,
    placed.discharged_at_utc,
    placed.first_session_date,
    placed.treatment_week,
    -- days, not records: two records of one day are one session
    cast(
        case
            when placed.service_date is not null
                then
                    dense_rank() over (
                        partition by placed.patient_key, placed.treatment_week
                        order by placed.service_date
                    )
        end as integer
    ) as session_number_in_week,
    placed.indication_code
from placed
