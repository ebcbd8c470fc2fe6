{{ config(materialized='table') }}

with claims as (
    select * from {{ ref('stg_billed__claims') }}
),

matches as (
    select * from {{ ref('int_billed__claim_matches') }}
),

patients as (
    select * from {{ ref('int_billed__patient_matches') }}
),

diagnoses as (
    select
        _file_sha256,
        st_index,
        claim_index,
        list({{ normalised_diagnosis('code_as_sent') }} order by position) as diagnosis_codes
    from {{ ref('stg_billed__diagnoses') }}
    group by _file_sha256, st_index, claim_index
),

line_authorizations as (
    select
        _file_sha256,
        st_index,
        claim_index,
        min(prior_authorization_number) as prior_authorization_number
    from {{ ref('stg_billed__claim_lines') }}
    group by _file_sha256, st_index, claim_index
),

primary_payers as (
    select code_group.code from {{ ref('code_group') }} as code_group
    where code_group.group_name = 'payer_primary'
),

-- Copies, resubmissions, claims to further payers are versions of one claim: the primary's newest counts.
ranked as (
    select
        matches.*,
        row_number() over (
            partition by matches.claim_key, matches.match_status in ('matched', 'only_billed')
            order by
                primary_payers.code is not null desc,
                matches.sent_date desc nulls last,
                matches.sent_time desc nulls last,
                claims._exported_at desc nulls last,
                claims._file_sha256 desc,
                claims.st_index desc,
                claims.claim_index desc
        ) as version_rank
    from matches
    inner join claims on matches.billed_claim_key = claims.billed_claim_key
    left join primary_payers on claims.payer_responsibility_code = primary_payers.code
),

final as (
    select
        claims.billed_claim_key,
        ranked.claim_key,
        coalesce(ranked.patient_key, patients.patient_key, claims.stand_in_patient_key) as patient_key,
        ranked.clinic_id,
        ranked.claim_id,
        patients.patient_id,
        patients.coverage_id,
        ranked.is_in_ehr,
        case
            when ranked.match_status in ('matched', 'only_billed') and ranked.version_rank > 1
                then 'superseded'
            else ranked.match_status
        end as match_status,
        ranked.match_status in ('matched', 'only_billed') and ranked.version_rank = 1 as is_current,
        case when ranked.is_in_ehr then 'ehr_claim' else patients.patient_match_method end
            as patient_match_method,
        patients.payer_id,
        claims.payer_responsibility_code,
        claims.patient_control_number,
        ranked.sent_date,
        claims.frequency_code,
        claims.place_of_service_code,
        coalesce(claims.prior_authorization_number, line_authorizations.prior_authorization_number)
            as prior_authorization_number,
        claims.original_reference_number,
        claims.billing_provider_npi as billing_npi,
        claims.rendering_npi,
        cast(claims.charge_amount as decimal(12, 2)) as charge_amount,
        claims.line_charge_amount,
        claims.unexplained_amount,
        coalesce(diagnoses.diagnosis_codes, []) as diagnosis_codes,
        claims.line_count,
        claims.service_from_date,
        claims._file_sha256,
        claims._commit_id,
        claims.st_index,
        claims.claim_index
    from claims
    inner join ranked on claims.billed_claim_key = ranked.billed_claim_key
    inner join patients on claims.billed_claim_key = patients.billed_claim_key
    left join diagnoses
        on
            claims._file_sha256 = diagnoses._file_sha256
            and claims.st_index = diagnoses.st_index
            and claims.claim_index = diagnoses.claim_index
    left join line_authorizations
        on
            claims._file_sha256 = line_authorizations._file_sha256
            and claims.st_index = line_authorizations.st_index
            and claims.claim_index = line_authorizations.claim_index
)

select * from final
