{# Encounters: the papers of whoever ordered a controlled drug, and ketamine prescribed for use at home. #}
{% set fact_names = [
    'controlled_drug_count', 'prescriber_paper_gap_count', 'home_ketamine_prescription_count',
    'in_person_visits_before_prescription',
] %}

with encounters as (
    select
        encounters.encounter_key,
        encounters.patient_key,
        encounters.clinic_id,
        encounters.service_date,
        encounters.encounter_mode,
        encounters.supervising_npi,
        sites.state_code,
        not_held.code is null as is_held
    from {{ ref('int_ehr__encounters') }} as encounters
    left join {{ ref('int_ehr__sites') }} as sites
        on
            encounters.clinic_id = sites.clinic_id
            and encounters.site_id = sites.site_id
    left join {{ ref('code_group') }} as not_held
        on
            not_held.group_name = 'encounter_not_held'
            and lower(encounters.encounter_status) = not_held.code
    where {{ in_changed_scopes('encounters.patient_key') }}
),

orders as (
    select
        encounters.encounter_key,
        encounters.clinic_id,
        encounters.state_code,
        encounters.service_date,
        coalesce(administrations.ordering_npi, encounters.supervising_npi) as prescriber_npi,
        count(*) as drug_count
    from encounters
    inner join {{ ref('int_ehr__administrations') }} as administrations
        on
            encounters.encounter_key = administrations.encounter_key
            and encounters.patient_key = administrations.patient_key
    inner join {{ ref('code_group') }} as controlled
        on
            controlled.group_name = 'schedule_iii_drug'
            and administrations.drug_name = controlled.code
    where
        not administrations.is_entered_in_error
        and {{ in_changed_scopes('administrations.patient_key') }}
    group by
        encounters.encounter_key, encounters.clinic_id, encounters.state_code, encounters.service_date,
        coalesce(administrations.ordering_npi, encounters.supervising_npi)
),

papers as (
    select
        orders.encounter_key,
        orders.prescriber_npi,
        count(
            case
                when
                    credentials.credential_kind = 'state_licence'
                    and upper(credentials.state_code) = upper(orders.state_code)
                    then 1
            end
        ) as licence_count,
        count(case when credentials.credential_kind = 'dea' and credentials.has_schedule_iii then 1 end)
            as dea_count,
        count(
            case when credentials.credential_kind = 'dea' and credentials.has_schedule_iii is null then 1 end
        ) as unknown_dea_count
    from orders
    inner join {{ ref('int_ehr__provider_credentials') }} as credentials
        on
            orders.clinic_id = credentials.clinic_id
            and orders.prescriber_npi = credentials.npi
            and {{ is_in_force(
                'orders.service_date', 'credentials.effective_from_date', 'credentials.effective_to_date'
            ) }}
    where orders.service_date is not null
    group by orders.encounter_key, orders.prescriber_npi
),

delivered as (
    select
        credentials.clinic_id,
        count(case when credentials.credential_kind = 'state_licence' then 1 end) > 0 as has_licences,
        count(case when credentials.credential_kind = 'dea' then 1 end) > 0 as has_deas
    from {{ ref('int_ehr__provider_credentials') }} as credentials
    group by credentials.clinic_id
),

gaps as (
    select
        orders.encounter_key,
        orders.drug_count,
        case
            when
                orders.prescriber_npi is not null
                and orders.service_date is not null
                and orders.state_code is not null
                and delivered.has_licences
                then coalesce(papers.licence_count, 0) = 0
        end as lacks_licence,
        case
            when orders.prescriber_npi is null or orders.service_date is null then null
            when papers.dea_count > 0 then false
            when coalesce(papers.unknown_dea_count, 0) = 0 and delivered.has_deas then true
        end as lacks_dea
    from orders
    left join papers
        on
            orders.encounter_key = papers.encounter_key
            and orders.prescriber_npi = papers.prescriber_npi
    left join delivered on orders.clinic_id = delivered.clinic_id
),

controlled as (
    select
        gaps.encounter_key,
        sum(gaps.drug_count) as drug_count,
        {{ certain_count(
            'count(case when gaps.lacks_licence then 1 end) + count(case when gaps.lacks_dea then 1 end)',
            'count(case when gaps.lacks_licence is null or gaps.lacks_dea is null then 1 end)'
        ) }} as gap_count
    from gaps
    group by gaps.encounter_key
),

-- a prescription that names no encounter belongs to the patient's encounters of its date
prescribed as (
    select
        encounters.encounter_key,
        encounters.patient_key,
        prescriptions.prescription_key,
        prescriptions.prescribed_date
    from encounters
    inner join {{ ref('int_ehr__prescriptions') }} as prescriptions
        on
            encounters.patient_key = prescriptions.patient_key
            and (
                encounters.encounter_key = prescriptions.encounter_key
                or (
                    prescriptions.encounter_key is null
                    and encounters.service_date = prescriptions.prescribed_date
                )
            )
    inner join {{ ref('code_group') }} as home_drugs
        on
            home_drugs.group_name = 'home_prescription_drug'
            and prescriptions.drug_name = home_drugs.code
    where
        prescriptions.is_for_home
        and {{ in_changed_scopes('prescriptions.patient_key') }}
),

seen as (
    select
        prescribed.encounter_key,
        count(distinct prescribed.prescription_key) as prescription_count,
        count(case when earlier.encounter_mode = 'in_person' then 1 end) as in_person_count,
        count(case when earlier.encounter_key is not null and earlier.encounter_mode is null then 1 end)
            as unknown_mode_count
    from prescribed
    left join encounters as earlier
        on
            prescribed.patient_key = earlier.patient_key
            and prescribed.prescribed_date >= earlier.service_date
            and earlier.is_held
    group by prescribed.encounter_key
),

facts as (
    select
        encounters.encounter_key,
        encounters.patient_key,
        cast(coalesce(controlled.drug_count, 0) as integer) as controlled_drug_count,
        controlled.gap_count as prescriber_paper_gap_count,
        cast(coalesce(seen.prescription_count, 0) as integer) as home_ketamine_prescription_count,
        case
            when seen.encounter_key is not null
                then {{ certain_count('seen.in_person_count', 'seen.unknown_mode_count') }}
        end as in_person_visits_before_prescription
    from encounters
    left join controlled on encounters.encounter_key = controlled.encounter_key
    left join seen on encounters.encounter_key = seen.encounter_key
    where
        controlled.encounter_key is not null
        or seen.encounter_key is not null
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
