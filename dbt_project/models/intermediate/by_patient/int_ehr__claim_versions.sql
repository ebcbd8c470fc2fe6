with touched as (
    select claims.claim_key
    from {{ ref('stg_ehr__claims') }} as claims
    where {{ in_changed_scopes('claims.patient_key') }}
),

newest as (
    select
        versions.*,
        {{ surviving_patient('versions') }}
    from {{ ranked_versions(
        ref('stg_ehr__claims'), ['claim_key'], business_version='claim_version',
        condition='versions.claim_key in (select touched.claim_key from touched)'
    ) }} as versions
    left join {{ ref('int_ehr__patient_identities') }} as identities
        on versions.patient_key = identities.patient_key
    where
        versions.version_rank = 1
        and not versions.is_deleted
        and {{ in_changed_scopes('versions.patient_key') }}
),

voids as (
    select code_group.code from {{ ref('code_group') }} as code_group
    where code_group.group_name = 'frequency_void'
)

select
    newest.claim_key,
    newest.surviving_patient_key as patient_key,
    {{ surrogate_key(['newest.clinic_id', 'newest.coverage_id']) }} as coverage_key,
    newest.clinic_id,
    newest.claim_id,
    newest.claim_version,
    newest.surviving_patient_id as patient_id,
    newest.coverage_id,
    newest.patient_control_number,
    newest.claim_status,
    newest.frequency_code,
    newest.claim_type_code,
    newest.primary_eob_date,
    newest.original_reference_number,
    newest.prior_authorization_number,
    newest.place_of_service_code,
    newest.billing_npi,
    newest.rendering_npi,
    newest.site_id,
    newest.charge_amount,
    coalesce(
        newest.created_at_utc, {{ zone_to_utc('newest.created_at_local', 'sites.time_zone') }}
    ) as created_at_utc,
    coalesce(newest.submitted_at_utc, {{ zone_to_utc('newest.submitted_at_local', 'sites.time_zone') }})
        as submitted_at_utc,
    cast(newest.submitted_at_local as date) as submitted_date,
    coalesce(
        newest.payer_received_at_utc, {{ zone_to_utc('newest.payer_received_at_local', 'sites.time_zone') }}
    ) as payer_received_at_utc,
    {% for position in range(1, 13) -%}
        {{ normalised_diagnosis('newest.diagnosis_' ~ position ~ '_as_sent') }} as diagnosis_{{ position }},
    {% endfor -%}
    coalesce(newest.claim_status <> 'replaced', true) and voids.code is null as is_standing
from newest
left join {{ ref('int_ehr__sites') }} as sites
    on
        newest.clinic_id = sites.clinic_id
        and newest.site_id = sites.site_id
left join voids on newest.frequency_code = voids.code
