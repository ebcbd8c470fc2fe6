{{ config(materialized='table') }}

with newest as (
    select *
    from {{ ranked_versions(ref('stg_ehr__provider_credentials'), ['provider_credential_key']) }} as versions
    where
        version_rank = 1
        and not is_deleted
)

select
    newest.provider_credential_key,
    newest.clinic_id,
    newest.npi,
    lower(newest.credential_kind) as credential_kind,
    newest.credential_number,
    newest.state_code,
    coalesce(aliases.payer_id, {{ normalised_payer('newest.payer_id') }}) as payer_id,
    newest.has_schedule_iii,
    newest.effective_from_date,
    newest.effective_to_date
from newest
left join {{ ref('payer_aliases') }} as aliases
    on {{ normalised_payer('newest.payer_id') }} = aliases.payer_alias
