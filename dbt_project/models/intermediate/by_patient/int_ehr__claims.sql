with claims as (
    select * from {{ ref('int_ehr__claim_truths') }}
    where {{ in_changed_scopes('patient_key') }}
),

dates as (
    select
        claim_lines.claim_key,
        min(claim_lines.service_date) as first_service_date,
        count(*) as line_count,
        sum(claim_lines.charge_amount) as line_charge_amount
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    where {{ in_changed_scopes('claim_lines.patient_key') }}
    group by claim_lines.claim_key
),

line_differences as (
    select
        line_matches.claim_key,
        string_agg(line_matches.differences, '|' order by line_matches.line_number, line_matches.side)
            as differences,
        count(case when not line_matches.is_readable then 1 end) as unreadable_count
    from {{ ref('int_ehr__line_matches') }} as line_matches
    where {{ in_changed_scopes('line_matches.patient_key') }}
    group by line_matches.claim_key
),

differences as (
    select
        claims.claim_key,
        nullif(concat_ws('|', claims.claim_differences, line_differences.differences), '') as names,
        coalesce(line_differences.unreadable_count, 0) = 0 and claims.charge_amount is not null as is_readable
    from claims
    left join line_differences on claims.claim_key = line_differences.claim_key
    where claims.is_billed and claims.is_in_ehr
)

select
    claims.claim_key,
    claims.patient_key,
    claims.coverage_key,
    claims.clinic_id,
    claims.claim_id,
    claims.claim_version,
    claims.patient_id,
    claims.coverage_id,
    claims.patient_control_number,
    claims.claim_status,
    claims.frequency_code,
    claims.claim_type_code,
    claims.primary_eob_date,
    claims.original_reference_number,
    claims.prior_authorization_number,
    claims.place_of_service_code,
    claims.billing_npi,
    claims.rendering_npi,
    claims.site_id,
    claims.charge_amount,
    claims.created_at_utc,
    claims.submitted_at_utc,
    claims.submitted_date,
    claims.payer_received_at_utc,
    claims.is_standing,
    claims.diagnosis_1,
    claims.diagnosis_2,
    claims.diagnosis_3,
    claims.diagnosis_4,
    claims.diagnosis_5,
    claims.diagnosis_6,
    claims.diagnosis_7,
    claims.diagnosis_8,
    claims.diagnosis_9,
    claims.diagnosis_10,
    claims.diagnosis_11,
    claims.diagnosis_12,
    coalesce(coverages.payer_id, claims.billed_payer_id) as payer_id,
    coverages.line_of_business,
    dates.first_service_date,
    coalesce(dates.line_count, 0) as line_count,
    cast(dates.line_charge_amount as decimal(12, 2)) as line_charge_amount,
    claims.is_billed,
    claims.is_in_ehr,
    claims.patient_match_method,
    cast(
        case when differences.is_readable then coalesce(len(string_split(differences.names, '|')), 0) end
        as integer
    ) as billed_difference_count,
    differences.names as billed_differences
from claims
left join dates on claims.claim_key = dates.claim_key
left join differences on claims.claim_key = differences.claim_key
left join {{ ref('int_ehr__coverages') }} as coverages
    on
        claims.coverage_key = coverages.coverage_key
        and claims.patient_key = coverages.patient_key
