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

-- the payer's number of an already matched claim of the same payer and payee, when it names one claim of ours
known_payer_numbers as (
    select
        remit_claims.payer_id,
        remit_claims.payee_id,
        remit_claims.payer_claim_control_number,
        min(by_control_number.claim_key) as claim_key
    from by_control_number
    inner join remit_claims on by_control_number.remit_claim_key = remit_claims.remit_claim_key
    where by_control_number.claim_key is not null and remit_claims.payer_claim_control_number is not null
    group by remit_claims.payer_id, remit_claims.payee_id, remit_claims.payer_claim_control_number
    having count(distinct by_control_number.claim_key) = 1
),

final as (
    select
        remit_claims.remit_claim_key,
        remit_claims.payment_key,
        coalesce(by_control_number.claim_key, by_original.claim_key, by_number.claim_key) as claim_key,
        case
            when by_control_number.claim_key is not null then 'matched'
            when by_original.claim_key is not null or by_number.claim_key is not null then 'matched'
            when by_control_number.remit_claim_key is not null then 'ambiguous'
            else 'unmatched'
        end as match_status,
        case
            when by_control_number.claim_key is not null then by_control_number.match_method
            when by_original.claim_key is not null then 'original_reference_number'
            when by_number.claim_key is not null then 'payer_control_number'
        end as match_method
    from remit_claims
    left join by_control_number on remit_claims.remit_claim_key = by_control_number.remit_claim_key
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
