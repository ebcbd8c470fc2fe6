with remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

by_number as (
    select * from {{ ref('int_remit__claim_number_matches') }}
),

remit_lines as (
    select * from {{ ref('stg_remit__service_lines') }}
),

parties as (
    select * from {{ ref('stg_remit__parties') }}
),

our_claims as (
    select * from {{ ref('int_ehr__claims') }}
    where is_standing
),

our_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
),

sites as (
    select * from {{ ref('int_ehr__sites') }}
),

coverages as (
    select * from {{ ref('int_ehr__coverages') }}
),

-- a reversal answers what was answered before, so only first answers are looked for by their services
left_claims as (
    select remit_claims.*
    from remit_claims
    inner join by_number on remit_claims.remit_claim_key = by_number.remit_claim_key
    where
        by_number.match_status = 'unmatched'
        and remit_claims.claim_role = 'adjudication'
        and remit_claims.payee_npi is not null
),

answered as (
    select distinct
        by_number.claim_key,
        remit_claims.payer_id
    from by_number
    inner join remit_claims on by_number.remit_claim_key = remit_claims.remit_claim_key
    where by_number.claim_key is not null
),

remit_services as (
    select
        left_claims.remit_claim_key,
        coalesce(
            {{ normalised_code('remit_lines.original_procedure_code') }},
            {{ normalised_code('remit_lines.procedure_code') }}
        ) as procedure_code,
        coalesce(remit_lines.service_from_date, left_claims.statement_from_date) as service_date,
        remit_lines.charge_amount,
        count(*) as service_count,
        sum(count(*)) over (partition by left_claims.remit_claim_key) as line_count
    from left_claims
    inner join remit_lines
        on
            left_claims._file_sha256 = remit_lines._file_sha256
            and left_claims.st_index = remit_lines.st_index
            and left_claims.claim_index = remit_lines.claim_index
    group by
        left_claims.remit_claim_key, left_claims.statement_from_date, remit_lines.original_procedure_code,
        remit_lines.procedure_code, remit_lines.service_from_date, remit_lines.charge_amount
),

our_services as (
    select
        claim_key,
        procedure_code,
        service_date,
        charge_amount,
        count(*) as service_count
    from our_lines
    group by claim_key, procedure_code, service_date, charge_amount
),

-- the member id of patient or insured, where both sides have one
remit_members as (
    select distinct
        left_claims.remit_claim_key,
        {{ money_reference_number('parties.party_id') }} as member_id
    from left_claims
    inner join parties
        on
            left_claims._file_sha256 = parties._file_sha256
            and left_claims.st_index = parties.st_index
            and left_claims.claim_index = parties.claim_index
    where parties.entity_code in ('QC', 'IL') and parties.id_qualifier = 'MI'
),

member_fits as (
    select
        left_claims.remit_claim_key,
        coverages.coverage_key,
        bool_or(
            remit_members.member_id = {{ money_reference_number('coverages.member_id') }}
        ) as is_same_member
    from left_claims
    inner join remit_members on left_claims.remit_claim_key = remit_members.remit_claim_key
    inner join coverages on left_claims.payer_id = coverages.payer_id
    where remit_members.member_id is not null and coverages.member_id is not null
    group by left_claims.remit_claim_key, coverages.coverage_key
),

-- every service of the answer is a service of the claim, as often, and there are no others
same_services as (
    select
        remit_services.remit_claim_key,
        our_services.claim_key,
        max(remit_services.line_count) as line_count
    from remit_services
    inner join our_services
        on
            remit_services.procedure_code = our_services.procedure_code
            and remit_services.service_date = our_services.service_date
            and remit_services.charge_amount = our_services.charge_amount
            and remit_services.service_count = our_services.service_count
    group by remit_services.remit_claim_key, our_services.claim_key
    having sum(our_services.service_count) = max(remit_services.line_count)
),

candidates as (
    select
        left_claims.remit_claim_key,
        our_claims.claim_key
    from same_services
    inner join left_claims on same_services.remit_claim_key = left_claims.remit_claim_key
    inner join our_claims
        on
            same_services.claim_key = our_claims.claim_key
            and left_claims.payer_id = our_claims.payer_id
            and left_claims.charge_amount = our_claims.charge_amount
    left join sites
        on
            our_claims.clinic_id = sites.clinic_id
            and our_claims.site_id = sites.site_id
    left join answered
        on
            our_claims.claim_key = answered.claim_key
            and left_claims.payer_id = answered.payer_id
    left join member_fits
        on
            left_claims.remit_claim_key = member_fits.remit_claim_key
            and our_claims.coverage_key = member_fits.coverage_key
    where
        answered.claim_key is null
        and coalesce(member_fits.is_same_member, true)
        and left_claims.payee_npi in (our_claims.billing_npi, sites.site_npi)
        and our_claims.line_count = same_services.line_count
),

counted as (
    select
        remit_claim_key,
        claim_key,
        count(*) over (partition by remit_claim_key) as claim_count,
        count(*) over (partition by claim_key) as answer_count
    from candidates
),

final as (
    select
        remit_claim_key,
        case when max(claim_count) = 1 and max(answer_count) = 1 then min(claim_key) end as claim_key,
        case when max(claim_count) = 1 and max(answer_count) = 1 then 'matched' else 'ambiguous' end
            as match_status
    from counted
    group by remit_claim_key
)

select * from final
