{# Every line: who rendered it, whether that clinician may bill it, and is enrolled with the payer. #}
{% set fact_names = [
    'is_prescriber_only_line', 'rendering_provider_type', 'ineligible_clinician_count', 'is_enrolment_line',
    'enrolments_on_service_date',
] %}

with claim_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.clinic_id,
        claim_lines.service_date,
        claim_lines.rendering_npi,
        claims.payer_id,
        claims.line_of_business,
        visits.supervising_npi,
        services.code is not null or prefixes.code is not null as is_prescriber_only,
        not_enrolled.code is null as is_enrolment_line
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_visits') }} as visits
        on claim_lines.claim_line_key = visits.claim_line_key
    left join {{ ref('code_group') }} as services
        on services.group_name = 'prescriber_only_service' and claim_lines.procedure_code = services.code
    left join {{ ref('code_group') }} as prefixes
        on
            prefixes.group_name = 'prescriber_only_prefix'
            and substr(claim_lines.procedure_code, 1, 1) = prefixes.code
    left join {{ ref('code_group') }} as not_enrolled
        on
            not_enrolled.group_name = 'no_enrolment_line_of_business'
            and claims.line_of_business = not_enrolled.code
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

-- one row per clinician, payer and day, not per line
asked as (
    select distinct
        claim_lines.clinic_id,
        claim_lines.rendering_npi,
        claim_lines.payer_id,
        claim_lines.service_date
    from claim_lines
    where claim_lines.is_enrolment_line
),

enrolled as (
    select
        asked.clinic_id,
        asked.rendering_npi,
        asked.payer_id,
        asked.service_date,
        count(*) as enrolment_count
    from asked
    inner join {{ ref('int_ehr__provider_credentials') }} as credentials
        on
            asked.clinic_id = credentials.clinic_id
            and asked.rendering_npi = credentials.npi
            and asked.payer_id = credentials.payer_id
            and {{ is_in_force(
                'asked.service_date', 'credentials.effective_from_date', 'credentials.effective_to_date'
            ) }}
    where
        asked.service_date is not null
        and credentials.credential_kind = 'payer_enrolment'
    group by asked.clinic_id, asked.rendering_npi, asked.payer_id, asked.service_date
),

delivered as (
    select distinct credentials.clinic_id
    from {{ ref('int_ehr__provider_credentials') }} as credentials
    where credentials.credential_kind = 'payer_enrolment'
),

providers as (
    select
        providers.clinic_id,
        providers.npi,
        upper(providers.provider_type) as provider_type,
        therapists.code is not null as is_therapist,
        prescribers.code is not null as is_prescriber
    from {{ ref('int_ehr__providers') }} as providers
    left join {{ ref('code_group') }} as therapists
        on therapists.group_name = 'therapist_type' and upper(providers.provider_type) = therapists.code
    left join {{ ref('code_group') }} as prescribers
        on prescribers.group_name = 'prescriber_type' and upper(providers.provider_type) = prescribers.code
),

facts as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.is_prescriber_only as is_prescriber_only_line,
        renderers.provider_type as rendering_provider_type,
        -- whoever is neither therapist nor prescriber works under a prescriber
        case
            when not claim_lines.is_prescriber_only or renderers.provider_type is null then null
            when renderers.is_therapist then 1
            when renderers.is_prescriber or supervisors.is_prescriber then 0
            when supervisors.provider_type is not null then 1
        end as ineligible_clinician_count,
        claim_lines.is_enrolment_line,
        cast(
            case
                when
                    claim_lines.is_enrolment_line
                    and claim_lines.rendering_npi is not null
                    and claim_lines.payer_id is not null
                    and claim_lines.service_date is not null
                    and delivered.clinic_id is not null
                    then coalesce(enrolled.enrolment_count, 0)
            end as integer
        ) as enrolments_on_service_date
    from claim_lines
    left join providers as renderers
        on
            claim_lines.clinic_id = renderers.clinic_id
            and claim_lines.rendering_npi = renderers.npi
    left join providers as supervisors
        on
            claim_lines.clinic_id = supervisors.clinic_id
            and claim_lines.supervising_npi = supervisors.npi
    left join enrolled
        on
            claim_lines.clinic_id = enrolled.clinic_id
            and claim_lines.rendering_npi = enrolled.rendering_npi
            and claim_lines.payer_id = enrolled.payer_id
            and claim_lines.service_date = enrolled.service_date
    left join delivered on claim_lines.clinic_id = delivered.clinic_id
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
