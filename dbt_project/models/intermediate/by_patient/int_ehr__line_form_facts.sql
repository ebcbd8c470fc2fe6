{# A line as the claim form shows it: billed before, priced, with the revenue code of its form. #}
{% set fact_names = [
    'earlier_same_line_count', 'revenue_code_fault_count', 'is_priced_line', 'undercharge_amount', 'charge_multiple',
] %}

with claim_lines as (
    select
        claim_lines.*,
        claims.claim_status,
        lower(claims.claim_type_code) as claim_type,
        claims.submitted_date,
        claims.created_at_utc,
        corrections.code is not null as is_correction,
        codes.is_per_mg_drug_code
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_codes') }} as codes on claim_lines.claim_line_key = codes.claim_line_key
    left join {{ ref('code_group') }} as corrections
        on
            corrections.group_name = 'frequency_correction'
            and claims.frequency_code = corrections.code
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

-- what makes two lines the same: modifiers in any order
described as (
    select
        claim_lines.claim_line_key,
        claim_lines.claim_key,
        claim_lines.claim_id,
        claim_lines.claim_status,
        claim_lines.submitted_date,
        claim_lines.created_at_utc,
        {{ surrogate_key([
            'claim_lines.patient_key', 'claim_lines.service_date', 'claim_lines.procedure_code',
            "coalesce(array_to_string(list_sort([claim_lines.modifier_1, claim_lines.modifier_2, "
            ~ "claim_lines.modifier_3, claim_lines.modifier_4]), ','), '')",
            "coalesce(claim_lines.rendering_npi, '')", 'claim_lines.charge_amount',
        ]) }} as same_key
    from claim_lines
    where not claim_lines.is_correction
),

claims_with as (
    select
        described.same_key,
        described.claim_key,
        described.claim_id,
        min(described.submitted_date) as submitted_date,
        min(described.created_at_utc) as created_at_utc,
        max(case when coalesce(described.claim_status, '') <> 'denied' then 1 else 0 end) as is_open
    from described
    where described.same_key is not null
    group by described.same_key, described.claim_key, described.claim_id
),

earlier as (
    select
        claims_with.same_key,
        claims_with.claim_key,
        coalesce(
            sum(claims_with.is_open) over (
                partition by claims_with.same_key
                order by
                    claims_with.submitted_date asc nulls last,
                    claims_with.created_at_utc asc nulls last,
                    claims_with.claim_id asc
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as earlier_count
    from claims_with
),

revenue as (
    select
        claim_lines.claim_line_key,
        drug_letters.code is not null or claim_lines.is_per_mg_drug_code as is_drug,
        therapies.code is not null as is_psychotherapy,
        allowed_drug.code is not null as is_drug_revenue,
        allowed_therapy.code is not null as is_psychotherapy_revenue
    from claim_lines
    left join {{ ref('code_group') }} as drug_letters
        on
            drug_letters.group_name = 'hcpcs_drug_prefix'
            and substr(claim_lines.procedure_code, 1, 1) = drug_letters.code
    left join {{ ref('code_group') }} as therapies
        on
            therapies.group_name = 'revenue_psychotherapy_code'
            and claim_lines.procedure_code = therapies.code
    left join {{ ref('code_group') }} as allowed_drug
        on
            allowed_drug.group_name = 'revenue_of_drug'
            and lpad(claim_lines.revenue_code, 4, '0') = allowed_drug.code
    left join {{ ref('code_group') }} as allowed_therapy
        on
            allowed_therapy.group_name = 'revenue_of_psychotherapy'
            and lpad(claim_lines.revenue_code, 4, '0') = allowed_therapy.code
),

priced_clinics as (
    select deliveries.clinic_id from {{ ref('int_ehr__deliveries') }} as deliveries
    where deliveries.table_name = 'fee_schedule'
),

facts as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        cast(
            case
                when claim_lines.is_correction then 0
                when described.same_key is not null then earlier.earlier_count
            end as integer
        ) as earlier_same_line_count,
        cast(
            case
                when claim_lines.claim_type = '837i'
                    then
                        case when revenue.is_drug and not revenue.is_drug_revenue then 1 else 0 end
                        + case
                            when
                                revenue.is_psychotherapy and not revenue.is_psychotherapy_revenue
                                then 1
                            else 0
                        end
                when claim_lines.revenue_code is null then 0
                when claim_lines.claim_type = '837p' then 1
            end as integer
        ) as revenue_code_fault_count,
        case
            when allowances.allowed_unit_amount is not null then true
            when priced_clinics.clinic_id is not null then false
        end as is_priced_line,
        cast(
            case
                when
                    claim_lines.charge_amount >= allowances.allowed_unit_amount * claim_lines.billed_units
                    then 0
                else allowances.allowed_unit_amount * claim_lines.billed_units - claim_lines.charge_amount
            end as decimal(12, 2)
        ) as undercharge_amount,
        cast(
            claim_lines.charge_amount / nullif(allowances.allowed_unit_amount * claim_lines.billed_units, 0)
            as decimal(12, 3)
        ) as charge_multiple
    from claim_lines
    inner join revenue on claim_lines.claim_line_key = revenue.claim_line_key
    left join described on claim_lines.claim_line_key = described.claim_line_key
    left join earlier
        on
            described.same_key = earlier.same_key
            and described.claim_key = earlier.claim_key
    left join {{ ref('int_ehr__line_allowances') }} as allowances
        on claim_lines.claim_line_key = allowances.claim_line_key
    left join priced_clinics on claim_lines.clinic_id = priced_clinics.clinic_id
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
