{{ config(materialized='table') }}

with remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

our_claims as (
    select * from {{ ref('int_ehr__claims') }}
),

sites as (
    select * from {{ ref('int_ehr__sites') }}
),

our_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
),

remit_lines as (
    select * from {{ ref('stg_remit__service_lines') }}
),

claim_identities as (
    select
        our_claims.claim_key,
        our_claims.patient_control_number,
        {{ money_control_number('our_claims.patient_control_number') }} as control_number_normalised,
        our_claims.billing_npi,
        sites.site_npi,
        our_claims.charge_amount
    from our_claims
    left join sites
        on
            our_claims.clinic_id = sites.clinic_id
            and our_claims.site_id = sites.site_id
),

-- Numbers collide between clinics: the payee's NPI decides. Where a side has none, the charge must agree.
candidates as (
    select
        remit_claims.remit_claim_key,
        claim_identities.claim_key,
        case
            when remit_claims.patient_control_number = claim_identities.patient_control_number then 1 else 2
        end as method_rank,
        coalesce(abs(remit_claims.charge_amount) = claim_identities.charge_amount, false) as is_same_charge,
        case
            when
                remit_claims.payee_npi in (claim_identities.billing_npi, claim_identities.site_npi)
                then 'same'
            when
                remit_claims.payee_npi is null
                or (claim_identities.billing_npi is null and claim_identities.site_npi is null) then 'unknown'
            else 'other'
        end as payee_fit
    from remit_claims
    inner join claim_identities
        on remit_claims.control_number_normalised = claim_identities.control_number_normalised
),

possible as (
    select
        remit_claim_key,
        claim_key,
        is_same_charge,
        method_rank,
        min(method_rank) over (partition by remit_claim_key) as best_method_rank
    from candidates
    where payee_fit = 'same' or (payee_fit = 'unknown' and is_same_charge)
),

best as (
    select
        remit_claim_key,
        method_rank,
        count(*) as candidate_count,
        count(case when is_same_charge then 1 end) as same_charge_count,
        min(claim_key) as only_claim_key,
        min(case when is_same_charge then claim_key end) as same_charge_claim_key
    from possible
    where method_rank = best_method_rank
    group by remit_claim_key, method_rank
),

by_control_number as (
    select
        remit_claim_key,
        case
            when candidate_count = 1 then only_claim_key
            when same_charge_count = 1 then same_charge_claim_key
        end as claim_key,
        case when method_rank = 1 then 'control_number' else 'control_number_normalised' end
        || case when candidate_count = 1 then '' else '_and_charge' end as match_method
    from best
),

-- REF*6R is the number we gave the line: where all lines with one of ours name one claim, it is that one
line_numbers as (
    select
        remit_claims.remit_claim_key,
        remit_claims.payee_npi,
        nullif(trim(remit_lines.line_control_number), '') as line_control_number,
        coalesce(remit_lines.service_from_date, remit_claims.statement_from_date) as service_from_date,
        abs(remit_lines.charge_amount) as charge_amount
    from remit_claims
    inner join remit_lines
        on
            remit_claims._file_sha256 = remit_lines._file_sha256
            and remit_claims.st_index = remit_lines.st_index
            and remit_claims.claim_index = remit_lines.claim_index
    where nullif(trim(remit_lines.line_control_number), '') is not null
),

by_line_number as (
    select
        line_numbers.remit_claim_key,
        min(our_lines.claim_key) as claim_key
    from line_numbers
    inner join our_lines
        on line_numbers.line_control_number = trim(our_lines.line_control_number)
    inner join claim_identities on our_lines.claim_key = claim_identities.claim_key
    where
        coalesce(line_numbers.service_from_date = our_lines.service_date, true)
        and (
            line_numbers.payee_npi in (claim_identities.billing_npi, claim_identities.site_npi)
            or (
                (
                    line_numbers.payee_npi is null
                    or (claim_identities.billing_npi is null and claim_identities.site_npi is null)
                )
                and line_numbers.charge_amount = our_lines.charge_amount
            )
        )
    group by line_numbers.remit_claim_key
    having count(distinct our_lines.claim_key) = 1
),

by_our_number as (
    select
        remit_claims.remit_claim_key,
        coalesce(by_control_number.claim_key, by_line_number.claim_key) as claim_key,
        case
            when by_control_number.claim_key is not null then by_control_number.match_method
            when by_line_number.claim_key is not null then 'line_control_number'
        end as match_method,
        by_control_number.remit_claim_key is not null as has_candidates
    from remit_claims
    left join by_control_number on remit_claims.remit_claim_key = by_control_number.remit_claim_key
    left join by_line_number on remit_claims.remit_claim_key = by_line_number.remit_claim_key
),

-- the payer's number of an already matched claim of the same payer and payee, when it names one claim of ours
known_payer_numbers as (
    select
        remit_claims.payer_id,
        remit_claims.payee_id,
        remit_claims.payer_claim_control_number,
        min(by_our_number.claim_key) as claim_key
    from by_our_number
    inner join remit_claims on by_our_number.remit_claim_key = remit_claims.remit_claim_key
    where by_our_number.claim_key is not null and remit_claims.payer_claim_control_number is not null
    group by remit_claims.payer_id, remit_claims.payee_id, remit_claims.payer_claim_control_number
    having count(distinct by_our_number.claim_key) = 1
),

final as (
    select
        remit_claims.remit_claim_key,
        remit_claims.payment_key,
        coalesce(by_our_number.claim_key, by_original.claim_key, by_number.claim_key) as claim_key,
        case
            when by_our_number.claim_key is not null then 'matched'
            when by_original.claim_key is not null or by_number.claim_key is not null then 'matched'
            when by_our_number.has_candidates then 'ambiguous'
            else 'unmatched'
        end as match_status,
        case
            when by_our_number.claim_key is not null then by_our_number.match_method
            when by_original.claim_key is not null then 'original_reference_number'
            when by_number.claim_key is not null then 'payer_control_number'
        end as match_method
    from remit_claims
    inner join by_our_number on remit_claims.remit_claim_key = by_our_number.remit_claim_key
    left join known_payer_numbers as by_original
        on
            remit_claims.payer_id = by_original.payer_id
            and remit_claims.payee_id = by_original.payee_id
            and remit_claims.original_reference_number = by_original.payer_claim_control_number
    left join known_payer_numbers as by_number
        on
            remit_claims.payer_id = by_number.payer_id
            and remit_claims.payee_id = by_number.payee_id
            and remit_claims.payer_claim_control_number = by_number.payer_claim_control_number
)

select * from final
