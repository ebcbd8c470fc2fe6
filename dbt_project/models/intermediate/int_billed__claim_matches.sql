{{ config(materialized='table') }}

with billed as (
    select
        claims.*,
        transactions.transaction_date as sent_date,
        transactions.transaction_time as sent_time,
        {{ billed_control_number('claims.patient_control_number') }} as control_number,
        coalesce(by_billing.clinic_id, by_facility.clinic_id) as clinic_id
    from {{ ref('stg_billed__claims') }} as claims
    left join {{ ref('stg_billed__transactions') }} as transactions
        on
            claims._file_sha256 = transactions._file_sha256
            and claims.st_index = transactions.st_index
    left join {{ ref('int_billed__provider_clinics') }} as by_billing
        on trim(claims.billing_provider_npi) = by_billing.npi
    left join {{ ref('int_billed__provider_clinics') }} as by_facility
        on trim(claims.service_facility_npi) = by_facility.npi
),

newest as (
    select *
    from {{ ranked_versions(
        ref('stg_ehr__claims'), ['claim_key'], business_version='claim_version'
    ) }} as versions
    where
        version_rank = 1
        and not is_deleted
),

ehr_versions as (
    select *
    from {{ ranked_versions(ref('stg_ehr__claims'), ['claim_key', 'claim_version']) }} as versions
    where
        version_rank = 1
        and not is_deleted
),

numbered as (
    select
        ehr_versions.*,
        {{ billed_control_number('ehr_versions.patient_control_number') }} as control_number,
        true as is_control_number
    from ehr_versions
    union all
    select
        ehr_versions.*,
        {{ billed_control_number('ehr_versions.claim_id') }} as control_number,
        false as is_control_number
    from ehr_versions
),

originals as (
    select code_group.code from {{ ref('code_group') }} as code_group
    where code_group.group_name = 'frequency_original'
),

-- A replacement or void of the EHR is not what an original 837P bills; an EHR that knows no frequency may be.
candidates as (
    select
        billed.billed_claim_key,
        numbered.claim_key,
        numbered.claim_id,
        numbered.claim_version,
        coalesce(identities.surviving_patient_key, newest.patient_key) as patient_key,
        numbered.is_control_number,
        coalesce(numbered.claim_version, 0) = coalesce(newest.claim_version, 0) as is_newest_version,
        coalesce(numbered.frequency_code = billed.frequency_code, false) as is_same_frequency,
        (
            numbered.frequency_code is null
            or originals.code is not null
            or coalesce(numbered.frequency_code = billed.frequency_code, false)
        ) as is_possible,
        coalesce(
            trim(numbered.original_reference_number) = trim(billed.original_reference_number), false
        ) as is_same_original,
        abs(
            date_diff(
                'day',
                cast(coalesce(numbered.submitted_at_local, numbered.created_at_local) as date),
                billed.sent_date
            )
        ) as days_apart
    from billed
    inner join numbered
        on
            billed.clinic_id = numbered.clinic_id
            and billed.control_number = numbered.control_number
    inner join newest on numbered.claim_key = newest.claim_key
    left join {{ ref('int_ehr__patient_identities') }} as identities
        on newest.patient_key = identities.patient_key
    left join originals on numbered.frequency_code = originals.code
),

ranked as (
    select
        candidates.*,
        row_number() over (
            partition by candidates.billed_claim_key
            order by
                candidates.is_control_number desc,
                candidates.is_possible desc,
                candidates.is_same_frequency desc,
                candidates.is_same_original desc,
                candidates.days_apart asc nulls last,
                candidates.claim_version desc nulls last,
                candidates.claim_id asc
        ) as candidate_rank
    from candidates
),

final as (
    select
        billed.billed_claim_key,
        billed.clinic_id,
        billed.control_number,
        billed.sent_date,
        billed.sent_time,
        {{ surrogate_key(['billed.clinic_id', 'coalesce(ranked.claim_id, billed.control_number)']) }}
            as claim_key,
        coalesce(ranked.claim_id, billed.control_number) as claim_id,
        ranked.claim_version,
        ranked.patient_key,
        ranked.claim_key is not null as is_in_ehr,
        case
            when billed.clinic_id is null then 'no_clinic'
            when billed.control_number is null then 'no_number'
            when ranked.claim_key is null then 'only_billed'
            when ranked.is_possible and ranked.is_newest_version then 'matched'
            else 'older_version'
        end as match_status
    from billed
    left join ranked
        on
            billed.billed_claim_key = ranked.billed_claim_key
            and ranked.candidate_rank = 1
)

select * from final
