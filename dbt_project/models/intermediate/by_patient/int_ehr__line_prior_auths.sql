with drug_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.clinic_id,
        claim_lines.service_date,
        claims.payer_id,
        line_codes.authorised_drug
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_codes') }} as line_codes
        on claim_lines.claim_line_key = line_codes.claim_line_key
    where
        line_codes.authorised_drug is not null
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

-- PAs ever approved for patient and payer; one of unknown drug or dates could be the right one
candidates as (
    select
        drug_lines.claim_line_key,
        prior_auths.prior_auth_key,
        prior_auths.drug_name is not null as is_drug_known,
        drug_lines.service_date between prior_auths.valid_from_date and prior_auths.valid_to_date
            as is_covering,
        {{ is_in_force(
            'drug_lines.service_date', 'prior_auths.valid_from_date', 'prior_auths.valid_to_date'
        ) }} as may_cover
    from drug_lines
    inner join {{ ref('int_ehr__prior_auths') }} as prior_auths
        on
            drug_lines.patient_key = prior_auths.patient_key
            and drug_lines.payer_id = prior_auths.payer_id
            and (prior_auths.drug_name is null or drug_lines.authorised_drug = prior_auths.drug_name)
    where prior_auths.was_ever_approved
),

counted as (
    select
        candidates.claim_line_key,
        count(case when candidates.is_drug_known then 1 end) as decided,
        count(case when not candidates.is_drug_known then 1 end) as decided_of_unknown_drug,
        count(case when candidates.is_drug_known and candidates.is_covering then 1 end) as covering,
        count(
            case
                when
                    candidates.may_cover
                    and not (candidates.is_drug_known and coalesce(candidates.is_covering, false))
                    then 1
            end
        ) as perhaps_covering,
        min(case when candidates.is_drug_known and candidates.is_covering then candidates.prior_auth_key end)
            as first_covering_key
    from candidates
    group by candidates.claim_line_key
),

delivered as (
    select deliveries.clinic_id from {{ ref('int_ehr__deliveries') }} as deliveries
    where deliveries.table_name = 'prior_auth'
)

select
    drug_lines.claim_line_key,
    drug_lines.patient_key,
    drug_lines.authorised_drug,
    case
        when delivered.clinic_id is null or drug_lines.payer_id is null then null
        when counted.decided > 0 then counted.decided
        when coalesce(counted.decided_of_unknown_drug, 0) = 0 then 0
    end as decided_prior_auth_count,
    case
        when
            delivered.clinic_id is null or drug_lines.payer_id is null or drug_lines.service_date is null
            then null
        when counted.covering > 0 then counted.covering
        when coalesce(counted.perhaps_covering, 0) = 0 then 0
    end as covering_prior_auth_count,
    case when counted.covering = 1 and counted.perhaps_covering = 0 then counted.first_covering_key end
        as covering_prior_auth_key
from drug_lines
left join counted on drug_lines.claim_line_key = counted.claim_line_key
left join delivered on drug_lines.clinic_id = delivered.clinic_id
