with findings as (
    select * from {{ ref('int_quality__findings') }}
),

rules as (
    select * from {{ ref('rule_catalog') }}
),

our_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
),

our_claims as (
    select * from {{ ref('int_ehr__claims') }}
),

encounters as (
    select * from {{ ref('int_ehr__encounters') }}
),

prior_auths as (
    select * from {{ ref('int_ehr__prior_auths') }}
),

moments as (
    select * from {{ ref('int_quality__subject_moments') }}
),

-- what a subject key of a finding names
subjects as (
    select
        'claim_line' as subject,
        clinic_id,
        claim_id || '/' || cast(line_number as varchar) as subject_key,
        claim_line_key,
        claim_key,
        cast(null as varchar) as encounter_key,
        cast(null as varchar) as prior_auth_key,
        patient_key,
        service_date
    from our_lines
    union all
    select
        'claim' as subject,
        clinic_id,
        claim_id as subject_key,
        cast(null as varchar) as claim_line_key,
        claim_key,
        cast(null as varchar) as encounter_key,
        cast(null as varchar) as prior_auth_key,
        patient_key,
        first_service_date as service_date
    from our_claims
    union all
    select
        'encounter' as subject,
        clinic_id,
        encounter_id as subject_key,
        cast(null as varchar) as claim_line_key,
        cast(null as varchar) as claim_key,
        encounter_key,
        cast(null as varchar) as prior_auth_key,
        patient_key,
        service_date
    from encounters
    union all
    select
        'prior_auth' as subject,
        clinic_id,
        prior_auth_id as subject_key,
        cast(null as varchar) as claim_line_key,
        cast(null as varchar) as claim_key,
        cast(null as varchar) as encounter_key,
        prior_auth_key,
        patient_key,
        valid_from_date as service_date
    from prior_auths
),

final as (
    select
        findings.finding_id,
        findings.rule_id,
        rules.code as rule_code,
        rules.title as rule_title,
        rules.severity,
        rules.owner,
        rules.remediation,
        findings.clinic_id,
        findings.subject,
        findings.subject_key,
        subjects.claim_line_key,
        subjects.claim_key,
        subjects.encounter_key,
        subjects.prior_auth_key,
        -- a claim whose patient nobody knows has a stand-in key, which is no patient's
        case
            when subjects.claim_key is null or our_claims.patient_id is not null then subjects.patient_key
        end as patient_key,
        subjects.service_date,
        our_claims.payer_id,
        our_claims.line_of_business,
        our_lines.procedure_code,
        our_lines.rendering_npi,
        findings.finding_status,
        -- a remittance answers what was sent; a record that left the data has no moment
        case when findings.subject = 'remittance' then 'after_submission' else moments.moment end as moment,
        {{ money_amount('findings.at_stake_amount') }} as at_stake_amount,
        findings.evidence,
        findings.first_seen_at,
        findings.last_changed_at,
        findings.resolved_at,
        findings.waived_at,
        findings.waiver_expires_date,
        findings.waiver_reason
    from findings
    left join rules on findings.rule_id = rules.rule_id
    left join subjects
        on
            findings.subject = subjects.subject
            and findings.clinic_id = subjects.clinic_id
            and findings.subject_key = subjects.subject_key
    left join moments
        on
            findings.subject = moments.subject
            and findings.clinic_id = moments.clinic_id
            and findings.subject_key = moments.subject_key
    left join our_lines on subjects.claim_line_key = our_lines.claim_line_key
    left join our_claims on subjects.claim_key = our_claims.claim_key
)

select * from final
