{# The NPIs a claim names: check digits, and organisations in the place of a person. #}
{% set fact_names = ['claim_npi_count', 'claim_npi_fault_count'] %}

with claims as (
    select
        claim_key,
        patient_key,
        clinic_id,
        billing_npi,
        rendering_npi
    from {{ ref('int_ehr__claims') }}
    where
        is_standing
        and {{ in_changed_scopes('patient_key') }}
),

named as (
    select
        claims.claim_key,
        claims.clinic_id,
        claims.billing_npi as npi,
        false as is_person
    from claims
    union
    select
        claims.claim_key,
        claims.clinic_id,
        claims.rendering_npi as npi,
        true as is_person
    from claims
    union
    select
        claims.claim_key,
        claims.clinic_id,
        claim_lines.rendering_npi as npi,
        true as is_person
    from claims
    inner join {{ ref('int_ehr__claim_lines') }} as claim_lines on claims.claim_key = claim_lines.claim_key
    where
        claim_lines.rendering_npi is not null
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

-- each NPI of a clinic is looked at once, not once a claim
numbers as (
    select distinct
        named.clinic_id,
        named.npi
    from named
    where named.npi is not null
),

organisations as (
    select distinct
        sites.clinic_id,
        sites.site_npi
    from {{ ref('int_ehr__sites') }} as sites
    where sites.site_npi is not null
),

checked as (
    select
        numbers.clinic_id,
        numbers.npi,
        coalesce({{ is_npi('numbers.npi') }}, false) as is_valid,
        organisations.site_npi is not null and providers.npi is null as is_organisation
    from numbers
    left join organisations
        on
            numbers.clinic_id = organisations.clinic_id
            and numbers.npi = organisations.site_npi
    left join {{ ref('int_ehr__providers') }} as providers
        on
            numbers.clinic_id = providers.clinic_id
            and numbers.npi = providers.npi
),

facts as (
    select
        named.claim_key,
        min(claims.patient_key) as patient_key,
        cast(count(distinct named.npi) as integer) as claim_npi_count,
        {{ certain_count(
            'count(case when not checked.is_valid or (named.is_person and checked.is_organisation) then 1 end)',
            'count(case when named.npi is null then 1 end)'
        ) }} as claim_npi_fault_count
    from named
    inner join claims on named.claim_key = claims.claim_key
    left join checked
        on
            named.clinic_id = checked.clinic_id
            and named.npi = checked.npi
    group by named.claim_key
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
