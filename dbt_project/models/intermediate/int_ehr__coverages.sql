with aliases as (
    select * from {{ ref('payer_aliases') }}
),

versions as (
    select
        ranked.*,
        coalesce(payers.resource_name, ranked.payer_id) as payer_name
    from {{ ranked_versions(ref('stg_ehr__coverages'), ['coverage_key']) }} as ranked
    {{ join_directory('payers', 'ranked.clinic_id', 'ranked.payer_id') }}
)

select
    versions.coverage_key,
    coalesce(identities.surviving_patient_key, versions.patient_key) as patient_key,
    versions.clinic_id,
    versions.coverage_id,
    coalesce(identities.surviving_patient_id, versions.patient_id) as patient_id,
    coalesce(aliases.payer_id, {{ normalised_payer('versions.payer_name') }}) as payer_id,
    versions.payer_id as payer_id_as_sent,
    lower(versions.line_of_business) as line_of_business,
    versions.member_id,
    versions.insurance_group_id,
    versions.coverage_priority,
    versions.effective_from_date,
    versions.effective_to_date,
    versions.has_behavioral_carveout
from versions
left join {{ ref('int_ehr__patient_identities') }} as identities
    on versions.patient_key = identities.patient_key
left join aliases on {{ normalised_payer('versions.payer_name') }} = aliases.payer_alias
where
    versions.version_rank = 1
    and not versions.is_deleted
