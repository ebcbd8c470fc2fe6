with versions as (
    select
        ranked.*,
        {{ surviving_patient('ranked') }},
        identities.patient_key is null as is_survivor
    from {{ ranked_versions(ref('stg_ehr__patients'), ['patient_key']) }} as ranked
    left join {{ ref('int_ehr__patient_identities') }} as identities
        on ranked.patient_key = identities.patient_key
    where
        ranked.version_rank = 1
        and not ranked.is_deleted
),

-- what was recorded of the surviving id counts, else what was recorded last of one merged into it
preferred as (
    select
        versions.*,
        row_number() over (
            partition by versions.surviving_patient_key
            order by
                versions.is_survivor desc,
                {{ known_at('versions') }} desc nulls last,
                versions._exported_at desc nulls last,
                versions.patient_key asc
        ) as preference
    from versions
)

select
    preferred.surviving_patient_key as patient_key,
    preferred.clinic_id,
    preferred.surviving_patient_id as patient_id,
    preferred.birth_date,
    preferred.sex,
    preferred.state_code,
    preferred.rems_patient_id,
    preferred.rems_enrolled_date,
    preferred.deceased_date
from preferred
where preferred.preference = 1
