with touched as (
    select encounters.encounter_key
    from {{ ref('stg_ehr__encounters') }} as encounters
    where {{ in_changed_scopes('encounters.patient_key') }}
),

newest as (
    select *
    from {{ ranked_versions(
        ref('stg_ehr__encounters'), ['encounter_key'],
        condition='versions.encounter_key in (select touched.encounter_key from touched)'
    ) }} as versions
    where
        version_rank = 1
        and not is_deleted
        and {{ in_changed_scopes('patient_key') }}
),

-- a time without offset is the site's wall clock
zoned as (
    select
        newest.*,
        {{ surviving_patient('newest') }},
        {% for moment in ['signed', 'amended', 'scheduled'] -%}
            coalesce(
                newest.{{ moment }}_at_utc,
                {{ zone_to_utc('newest.' ~ moment ~ '_at_local', 'sites.time_zone') }}
            ) as {{ moment }}_utc,
        {% endfor -%}
        sites.time_zone,
        coalesce(
            newest.start_at_utc, {{ zone_to_utc('newest.start_at_local', 'sites.time_zone') }}
        ) as started_at_utc,
        coalesce(newest.end_at_utc, {{ zone_to_utc('newest.end_at_local', 'sites.time_zone') }})
            as ended_at_utc
    from newest
    left join {{ ref('int_ehr__sites') }} as sites
        on
            newest.clinic_id = sites.clinic_id
            and newest.site_id = sites.site_id
    left join {{ ref('int_ehr__patient_identities') }} as identities
        on newest.patient_key = identities.patient_key
)

select
    zoned.encounter_key,
    zoned.surviving_patient_key as patient_key,
    zoned.clinic_id,
    zoned.encounter_id,
    zoned.surviving_patient_id as patient_id,
    zoned.site_id,
    zoned.time_zone,
    {{ npi_of('zoned.rendering_npi', 'renderers') }} as rendering_npi,
    {{ npi_of('zoned.supervising_npi', 'supervisors') }} as supervising_npi,
    zoned.started_at_utc as start_at_utc,
    zoned.ended_at_utc as end_at_utc,
    cast(
        coalesce({{ utc_to_zone('zoned.started_at_utc', 'zoned.time_zone') }}, zoned.start_at_local) as date
    ) as service_date,
    zoned.encounter_mode,
    zoned.patient_state_code,
    zoned.visit_type,
    zoned.encounter_status,
    zoned.is_new_patient,
    zoned.note_id,
    zoned.signed_utc as signed_at_utc,
    zoned.amended_utc as amended_at_utc,
    zoned.scheduled_utc as scheduled_at_utc,
    zoned.em_basis,
    zoned.em_minutes,
    zoned.was_supervisor_on_site,
    zoned.provider_group_id,
    zoned.specialty
from zoned
{{ join_directory('renderers', 'zoned.clinic_id', 'zoned.rendering_npi') }}
{{ join_directory('supervisors', 'zoned.clinic_id', 'zoned.supervising_npi') }}
