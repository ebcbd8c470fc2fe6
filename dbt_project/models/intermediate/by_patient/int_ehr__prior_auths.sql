with touched as (
    select prior_auths.prior_auth_key
    from {{ ref('stg_ehr__prior_auths') }} as prior_auths
    where {{ in_changed_scopes('prior_auths.patient_key') }}
),

-- one row per PA and version: its newest record
versions as (
    select *
    from {{ ranked_versions(
        ref('stg_ehr__prior_auths'), ['prior_auth_key', 'prior_auth_version'],
        condition='versions.prior_auth_key in (select touched.prior_auth_key from touched)'
    ) }} as ranked
    where version_rank = 1
),

numbered as (
    select
        versions.*,
        versions.prior_auth_status in ('approved', 'partial') as is_decided,
        row_number() over (
            partition by versions.prior_auth_key order by versions.prior_auth_version desc
        ) as newest_rank,
        row_number() over (
            partition by versions.prior_auth_key
            order by
                case when versions.prior_auth_status in ('approved', 'partial') then 0 else 1 end,
                versions.is_deleted asc,
                versions.prior_auth_version desc
        ) as decided_rank
    from versions
),

decided as (
    select * from numbered
    where decided_rank = 1 and is_decided and not is_deleted
),

sites as (
    select * from {{ ref('int_ehr__sites') }}
),

-- a request that names no site: the zone all sites of the clinic share
clinic_zones as (
    select
        sites.clinic_id,
        min(sites.time_zone) as time_zone
    from sites
    group by sites.clinic_id
    having
        count(sites.time_zone) = count(*)
        and count(distinct sites.time_zone) = 1
),

zones as (
    select
        newest.prior_auth_key,
        coalesce(sites.time_zone, clinic_zones.time_zone) as time_zone
    from numbered as newest
    left join sites
        on
            newest.clinic_id = sites.clinic_id
            and newest.site_id = sites.site_id
    left join clinic_zones on newest.clinic_id = clinic_zones.clinic_id
    where newest.newest_rank = 1
)

select
    newest.prior_auth_key,
    coalesce(identities.surviving_patient_key, newest.patient_key) as patient_key,
    newest.clinic_id,
    newest.prior_auth_id,
    coalesce(identities.surviving_patient_id, newest.patient_id) as patient_id,
    coalesce(
        aliases.payer_id, {{ normalised_payer('coalesce(payers.resource_name, newest.payer_id)') }}
    ) as payer_id,
    coalesce(drugs.drug_name, {{ first_word('coalesce(decided.drug_name, newest.drug_name)') }}) as drug_name,
    coalesce(decided.prior_authorization_number, newest.prior_authorization_number)
        as prior_authorization_number,
    coalesce(decided.procedure_code_list, newest.procedure_code_list) as procedure_code_list,
    newest.prior_auth_version,
    newest.prior_auth_status,
    decided.prior_auth_key is not null as was_ever_approved,
    decided.prior_auth_version as decided_version,
    decided.valid_from_date,
    decided.valid_to_date,
    decided.approved_units,
    decided.unit_basis_code,
    coalesce(
        decided.decided_at_utc, {{ zone_to_utc('decided.decided_at_local', 'zones.time_zone') }}
    ) as decided_at_utc,
    {{ local_date('decided.decided_at', 'zones.time_zone') }} as decided_date,
    coalesce(
        newest.submitted_at_utc, {{ zone_to_utc('newest.submitted_at_local', 'zones.time_zone') }}
    ) as submitted_at_utc,
    {{ local_date('newest.submitted_at', 'zones.time_zone') }} as submitted_date,
    {{ npi_of('newest.npi', 'clinicians') }} as npi,
    newest.site_id,
    newest.indication_code,
    newest.is_expedited
from numbered as newest
inner join zones on newest.prior_auth_key = zones.prior_auth_key
left join decided on newest.prior_auth_key = decided.prior_auth_key
left join {{ ref('int_ehr__patient_identities') }} as identities
    on newest.patient_key = identities.patient_key
{{ join_directory('payers', 'newest.clinic_id', 'newest.payer_id') }}
{{ join_directory('clinicians', 'newest.clinic_id', 'newest.npi') }}
left join {{ ref('payer_aliases') }} as aliases
    on {{ normalised_payer('coalesce(payers.resource_name, newest.payer_id)') }} = aliases.payer_alias
left join {{ ref('drug_reference') }} as drugs
    on {{ first_word('coalesce(decided.drug_name, newest.drug_name)') }} = drugs.drug_alias
where
    newest.newest_rank = 1
    and not newest.is_deleted
    and {{ in_changed_scopes('newest.patient_key') }}
