with our_lines as (
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

prior_auth_usage as (
    select * from {{ ref('int_ehr__prior_auth_usage') }}
),

subject_lines as (
    select
        'claim_line' as subject,
        clinic_id,
        claim_id || '/' || cast(line_number as varchar) as subject_key,
        claim_key,
        claim_line_key
    from our_lines
    union all
    select
        'claim' as subject,
        our_claims.clinic_id,
        our_claims.claim_id as subject_key,
        our_claims.claim_key,
        our_lines.claim_line_key
    from our_claims
    left join our_lines on our_claims.claim_key = our_lines.claim_key
    union all
    select
        'encounter' as subject,
        encounters.clinic_id,
        encounters.encounter_id as subject_key,
        our_lines.claim_key,
        our_lines.claim_line_key
    from encounters
    left join our_lines on encounters.encounter_key = our_lines.encounter_key
    union all
    select
        'prior_auth' as subject,
        prior_auths.clinic_id,
        prior_auths.prior_auth_id as subject_key,
        our_lines.claim_key,
        our_lines.claim_line_key
    from prior_auths
    left join prior_auth_usage on prior_auths.prior_auth_key = prior_auth_usage.prior_auth_key
    left join our_lines on prior_auth_usage.claim_line_key = our_lines.claim_line_key
)

select * from subject_lines
