with encounters as (
    select * from {{ ref('int_ehr__encounters') }}
    where {{ in_changed_scopes('patient_key') }}
),

touched as (
    select administrations.administration_key
    from {{ ref('stg_ehr__administrations') }} as administrations
    inner join encounters on administrations.encounter_key = encounters.encounter_key
),

newest as (
    select *
    from {{ ranked_versions(
        ref('stg_ehr__administrations'), ['administration_key'],
        condition='versions.administration_key in (select touched.administration_key from touched)'
    ) }} as versions
    where
        version_rank = 1
        and not is_deleted
),

-- the first word of the drug's name decides: "Spravato 56 mg" is spravato
named as (
    select
        newest.*,
        {% for moment in ['start', 'stop', 'discharged', 'last_device'] -%}
            coalesce(
                newest.{{ moment }}_at_utc,
                {{ zone_to_utc('newest.' ~ moment ~ '_at_local', 'encounters.time_zone') }}
            ) as {{ moment }}_utc,
        {% endfor -%}
        encounters.patient_key,
        encounters.service_date as encounter_service_date,
        encounters.time_zone,
        {{ first_word('coalesce(medications.resource_name, newest.drug_name)') }} as drug_alias,
        coalesce(newest.ndc11, medications.ndc11) as package_ndc11,
        {{ npi_of('newest.given_by', 'clinicians') }} as given_by_npi
    from newest
    inner join encounters on newest.encounter_key = encounters.encounter_key
    {{ join_directory('medications', 'newest.clinic_id', 'newest.drug_name') }}
    {{ join_directory('clinicians', 'newest.clinic_id', 'newest.given_by') }}
)

select
    named.administration_key,
    named.encounter_key,
    named.patient_key,
    named.clinic_id,
    named.administration_id,
    named.encounter_id,
    coalesce(
        cast(coalesce({{ utc_to_zone('named.start_utc', 'named.time_zone') }}, named.start_at_local) as date),
        named.encounter_service_date
    ) as service_date,
    coalesce(drugs.drug_name, named.drug_alias) as drug_name,
    coalesce(drugs.is_esketamine, false) as is_esketamine,
    named.route,
    named.dose_mg,
    named.weight_kg,
    named.wasted_mg,
    named.package_ndc11 as ndc11,
    named.lot_number,
    named.container_type,
    named.container_count,
    named.strength_mg_per_ml,
    named.acquisition_kind,
    named.administration_status,
    named.given_by_npi as given_by,
    named.ordering_npi,
    coalesce(named.administration_status = 'entered_in_error', false) as is_entered_in_error,
    named.start_utc as start_at_utc,
    named.stop_utc as stop_at_utc,
    named.last_device_utc as last_device_at_utc,
    named.discharged_utc as discharged_at_utc,
    -- wall clocks of one site give the same difference when its zone is unknown
    case
        when named.last_device_utc is not null and named.discharged_utc is not null
            then {{ minutes_between('named.last_device_utc', 'named.discharged_utc') }}
        when named.last_device_utc is null and named.discharged_utc is null
            then {{ minutes_between('named.last_device_at_local', 'named.discharged_at_local') }}
    end as monitoring_minutes
from named
left join {{ ref('drug_reference') }} as drugs on named.drug_alias = drugs.drug_alias
