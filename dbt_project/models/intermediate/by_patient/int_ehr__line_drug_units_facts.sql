{# Lines billed by weight: the units of the day against the label, the code against the date. #}

with drug_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.clinic_id,
        claim_lines.service_date,
        claim_lines.procedure_code,
        claim_lines.billed_units,
        claims.payer_id,
        codes.line_drug_name,
        codes.mg_per_unit,
        codes.code_effective_to_date,
        policies.esketamine_code_grace_to_policy,
        policies.pa_crosswalk_policy
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_codes') }} as codes
        on claim_lines.claim_line_key = codes.claim_line_key
    inner join {{ ref('int_ehr__line_policies') }} as policies
        on claim_lines.claim_line_key = policies.claim_line_key
    where
        codes.is_per_mg_drug_code
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

-- one unknown quantity makes the day's sum unknown
days as (
    select
        drug_lines.patient_key,
        drug_lines.service_date,
        drug_lines.line_drug_name,
        case
            when count(*) = count(drug_lines.billed_units)
                then sum(drug_lines.billed_units * drug_lines.mg_per_unit)
        end as billed_mg
    from drug_lines
    where drug_lines.service_date is not null
    group by drug_lines.patient_key, drug_lines.service_date, drug_lines.line_drug_name
),

limits as (
    select
        label_dose.drug_name,
        max(label_dose.dose_mg) as label_max_mg
    from {{ ref('label_dose') }} as label_dose
    group by label_dose.drug_name
),

-- what the approved authorizations of patient, payer and drug list
listed as (
    select
        drug_lines.claim_line_key,
        count(case when prior_auths.procedure_code_list is null then 1 end) as unlisted_count,
        count(
            case
                when
                    prior_auths.procedure_code_list is not null
                    and {{ list_holds('prior_auths.procedure_code_list', 'drug_lines.procedure_code') }}
                    then 1
            end
        ) as code_count,
        count(distinct case when predecessors.code is not null then prior_auths.prior_auth_key end)
            as predecessor_count
    from drug_lines
    inner join {{ ref('int_ehr__prior_auths') }} as prior_auths
        on
            drug_lines.patient_key = prior_auths.patient_key
            and drug_lines.payer_id = prior_auths.payer_id
            and drug_lines.line_drug_name = prior_auths.drug_name
    left join {{ ref('code_group') }} as predecessors
        on
            predecessors.group_name = 'esketamine_pa_predecessor'
            and {{ list_holds('prior_auths.procedure_code_list', 'predecessors.code') }}
    where prior_auths.was_ever_approved
    group by drug_lines.claim_line_key
),

delivered as (
    select deliveries.clinic_id from {{ ref('int_ehr__deliveries') }} as deliveries
    where deliveries.table_name = 'prior_auth'
),

facts as (
    select
        drug_lines.claim_line_key,
        drug_lines.patient_key,
        cast(days.billed_mg as decimal(12, 3)) as billed_mg_on_date,
        cast(days.billed_mg - limits.label_max_mg as decimal(12, 3)) as mg_above_label_on_date,
        case when days.billed_mg is not null then label_dose.dose_mg is not null end as is_label_dose_on_date,
        coalesce(
            drug_lines.service_date
            between drug_lines.code_effective_to_date
            and try_cast(drug_lines.esketamine_code_grace_to_policy as date),
            false
        ) as is_in_code_grace,
        successors.code is not null
        and not coalesce({{ policy_flag('drug_lines.pa_crosswalk_policy') }}, false) as is_code_wanted_on_pa,
        cast(
            case
                when delivered.clinic_id is null or drug_lines.payer_id is null then null
                when listed.predecessor_count > 0 then listed.predecessor_count
                when coalesce(listed.unlisted_count, 0) = 0 then 0
            end as integer
        ) as pa_listing_old_code_count,
        cast(
            case
                when delivered.clinic_id is null or drug_lines.payer_id is null then null
                when listed.code_count > 0 then listed.code_count
                when coalesce(listed.unlisted_count, 0) = 0 then 0
            end as integer
        ) as pa_listing_code_count
    from drug_lines
    left join listed on drug_lines.claim_line_key = listed.claim_line_key
    left join delivered on drug_lines.clinic_id = delivered.clinic_id
    left join {{ ref('code_group') }} as successors
        on
            successors.group_name = 'esketamine_pa_successor'
            and drug_lines.procedure_code = successors.code
    left join days
        on
            drug_lines.patient_key = days.patient_key
            and drug_lines.service_date = days.service_date
            and drug_lines.line_drug_name = days.line_drug_name
    left join limits on drug_lines.line_drug_name = limits.drug_name
    left join {{ ref('label_dose') }} as label_dose
        on
            drug_lines.line_drug_name = label_dose.drug_name
            and days.billed_mg = label_dose.dose_mg
)

select
    facts.*,
    {{ row_hash([
        'facts.billed_mg_on_date', 'facts.mg_above_label_on_date', 'facts.is_label_dose_on_date',
        'facts.is_in_code_grace', 'facts.is_code_wanted_on_pa', 'facts.pa_listing_old_code_count',
        'facts.pa_listing_code_count',
    ]) }} as facts_hash
from facts
