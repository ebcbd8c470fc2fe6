{# What a line's diagnosis pointers point at, and what the payer's list and the notices say of it. #}
{% set fact_names = [
    'is_pointer_line', 'diagnosis_pointer_fault_count', 'treatment_drug', 'is_covered_diagnosis_line',
    'covered_diagnosis_count', 'needs_liability_modifier', 'liability_modifier_fault_count', 'liability_modifier',
    'has_liability_notice',
] %}

with claim_lines as (
    select
        claim_lines.*,
        claims.claim_type_code,
        claims.line_of_business,
        treatments.treatment_drug,
        treatments.route_kind
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    left join {{ ref('int_ehr__line_treatments') }} as treatments
        on claim_lines.claim_line_key = treatments.claim_line_key
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

pointers as (
    {% for number in range(1, 5) -%}
        select
            claim_lines.claim_line_key,
            claim_lines.claim_key,
            claim_lines.patient_key,
            claim_lines.diagnosis_pointer_{{ number }} as diagnosis_position
        from claim_lines
        where claim_lines.diagnosis_pointer_{{ number }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- an export without a single pointer of the patient does not deliver them
pointing_patients as (
    select distinct pointers.patient_key from pointers
),

diagnoses as (
    select
        claim_diagnoses.claim_key,
        claim_diagnoses.diagnosis_position,
        claim_diagnoses.diagnosis_code,
        pain_or_anxiety.code is not null as is_pain_or_anxiety,
        depression.code is not null as is_depression,
        ideation.code is not null as is_ideation,
        covered.code is not null as is_covered
    from {{ ref('int_ehr__claim_diagnoses') }} as claim_diagnoses
    left join {{ ref('code_group') }} as pain_or_anxiety
        on
            pain_or_anxiety.group_name = 'icd10_pain_anxiety_prefix'
            and substr(claim_diagnoses.diagnosis_code, 1, 3) = pain_or_anxiety.code
    left join {{ ref('code_group') }} as depression
        on
            depression.group_name = 'icd10_major_depression_prefix'
            and substr(claim_diagnoses.diagnosis_code, 1, 3) = depression.code
    left join {{ ref('code_group') }} as ideation
        on
            ideation.group_name = 'icd10_suicidal_ideation'
            and claim_diagnoses.diagnosis_code = ideation.code
    left join {{ ref('code_group') }} as covered
        on
            covered.group_name = 'esketamine_covered_diagnosis'
            and claim_diagnoses.diagnosis_code = covered.code
    where {{ in_changed_scopes('claim_diagnoses.patient_key') }}
),

claims_diagnosed as (
    select
        diagnoses.claim_key,
        count(case when diagnoses.is_depression then 1 end) > 0 as is_for_depression
    from diagnoses
    group by diagnoses.claim_key
),

pointed as (
    select
        pointers.claim_line_key,
        count(*) as pointer_count,
        count(case when diagnoses.claim_key is null then 1 end) as lost_pointer_count,
        count(case when diagnoses.is_pain_or_anxiety then 1 end) as pain_or_anxiety_count
    from pointers
    left join diagnoses
        on
            pointers.claim_key = diagnoses.claim_key
            and pointers.diagnosis_position = diagnoses.diagnosis_position
    group by pointers.claim_line_key
),

-- a line that points at nothing is read as pointing at all
treated_diagnoses as (
    select
        claim_lines.claim_line_key,
        diagnoses.diagnosis_code,
        diagnoses.is_covered,
        diagnoses.is_ideation
    from claim_lines
    inner join pointers on claim_lines.claim_line_key = pointers.claim_line_key
    inner join diagnoses
        on
            pointers.claim_key = diagnoses.claim_key
            and pointers.diagnosis_position = diagnoses.diagnosis_position
    where claim_lines.treatment_drug is not null
    union all
    select
        claim_lines.claim_line_key,
        diagnoses.diagnosis_code,
        diagnoses.is_covered,
        diagnoses.is_ideation
    from claim_lines
    inner join diagnoses on claim_lines.claim_key = diagnoses.claim_key
    where
        claim_lines.treatment_drug is not null
        and claim_lines.diagnosis_pointer_1 is null
        and claim_lines.diagnosis_pointer_2 is null
        and claim_lines.diagnosis_pointer_3 is null
        and claim_lines.diagnosis_pointer_4 is null
),

indications as (
    select
        sessions.patient_key,
        sessions.service_date,
        count(case when sessions.indication_code = 'mdd_si' then 1 end) > 0 as is_for_ideation
    from {{ ref('int_ehr__esketamine_sessions') }} as sessions
    where {{ in_changed_scopes('sessions.patient_key') }}
    group by sessions.patient_key, sessions.service_date
),

covered as (
    select
        claim_lines.claim_line_key,
        count(
            case
                when policies.covered_dx_policy is not null
                    then
                        case
                            when
                                {{ list_holds(
                                    'policies.covered_dx_policy', 'treated_diagnoses.diagnosis_code'
                                ) }}
                                then 1
                        end
                when treated_diagnoses.is_covered then 1
                when treated_diagnoses.is_ideation and indications.is_for_ideation then 1
            end
        ) as covered_count
    from claim_lines
    inner join treated_diagnoses on claim_lines.claim_line_key = treated_diagnoses.claim_line_key
    inner join {{ ref('int_ehr__line_policies') }} as policies
        on claim_lines.claim_line_key = policies.claim_line_key
    left join indications
        on
            claim_lines.patient_key = indications.patient_key
            and claim_lines.service_date = indications.service_date
    group by claim_lines.claim_line_key
),

drug_procedures as (
    select distinct code_group.code
    from {{ ref('code_group') }} as code_group
    where code_group.group_name in ('injection_infusion_drug', 'unlisted_drug')
),

liability as (
    select
        claim_lines.claim_line_key,
        min(code_group.code) as modifier
    from claim_lines
    inner join {{ ref('code_group') }} as code_group
        on
            code_group.group_name = 'modifier_liability'
            and code_group.code in (
                claim_lines.modifier_1, claim_lines.modifier_2, claim_lines.modifier_3, claim_lines.modifier_4
            )
    group by claim_lines.claim_line_key
),

notice_deliveries as (
    select deliveries.clinic_id from {{ ref('int_ehr__deliveries') }} as deliveries
    where deliveries.table_name = 'notice'
),

signed as (
    select distinct claim_lines.claim_line_key
    from claim_lines
    inner join {{ ref('int_ehr__notices') }} as notices on claim_lines.patient_key = notices.patient_key
    inner join {{ ref('code_group') }} as code_group
        on
            code_group.group_name = 'notice_liability'
            and upper(notices.notice_type) = code_group.code
    where
        claim_lines.treatment_drug is not null
        and notices.signed_date <= claim_lines.service_date
),

gathered as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        coalesce(lower(claim_lines.claim_type_code) <> '837i', true) as is_pointer_line,
        claim_lines.is_billed,
        claim_lines.treatment_drug,
        pointing_patients.patient_key is not null as are_pointers_delivered,
        coalesce(pointed.pointer_count, 0) as pointer_count,
        coalesce(pointed.lost_pointer_count, 0) as lost_pointer_count,
        claims_diagnosed.claim_key is not null as has_diagnoses,
        coalesce(claims_diagnosed.is_for_depression, false)
        and pointed.pain_or_anxiety_count = pointed.pointer_count
        and (claim_lines.treatment_drug is not null or drug_procedures.code is not null) as points_elsewhere,
        claim_lines.treatment_drug = 'esketamine' or policies.covered_dx_policy is not null
            as is_covered_diagnosis_line,
        case when claims_diagnosed.claim_key is not null then coalesce(covered.covered_count, 0) end
            as covered_diagnosis_count,
        claim_lines.treatment_drug = 'ketamine' and claim_lines.route_kind in ('iv', 'im_sc')
            as is_parenteral_ketamine,
        coalesce(liability.modifier, 'none') as liability_modifier,
        case
            when claim_lines.treatment_drug is not null and notice_deliveries.clinic_id is not null
                then signed.claim_line_key is not null
        end as has_liability_notice,
        coalesce(claims_diagnosed.is_for_depression, false) as is_for_depression
    from claim_lines
    inner join {{ ref('int_ehr__line_policies') }} as policies
        on claim_lines.claim_line_key = policies.claim_line_key
    left join pointing_patients on claim_lines.patient_key = pointing_patients.patient_key
    left join pointed on claim_lines.claim_line_key = pointed.claim_line_key
    left join claims_diagnosed on claim_lines.claim_key = claims_diagnosed.claim_key
    left join covered on claim_lines.claim_line_key = covered.claim_line_key
    left join drug_procedures on claim_lines.procedure_code = drug_procedures.code
    left join liability on claim_lines.claim_line_key = liability.claim_line_key
    left join signed on claim_lines.claim_line_key = signed.claim_line_key
    left join notice_deliveries on claim_lines.clinic_id = notice_deliveries.clinic_id
),

facts as (
    select
        gathered.claim_line_key,
        gathered.patient_key,
        gathered.is_pointer_line,
        cast(
            case
                when not gathered.is_pointer_line then null
                when
                    gathered.pointer_count = 0
                    and not gathered.are_pointers_delivered
                    and not gathered.is_billed
                    then null
                when gathered.pointer_count = 0 then 1
                when not gathered.has_diagnoses then null
                else gathered.lost_pointer_count + case when gathered.points_elsewhere then 1 else 0 end
            end as integer
        ) as diagnosis_pointer_fault_count,
        gathered.treatment_drug,
        gathered.treatment_drug is not null
        and gathered.is_covered_diagnosis_line as is_covered_diagnosis_line,
        cast(
            case when gathered.treatment_drug is not null then gathered.covered_diagnosis_count end as integer
        ) as covered_diagnosis_count,
        case
            when gathered.treatment_drug is null then false
            when gathered.is_parenteral_ketamine then gathered.is_for_depression
            when gathered.treatment_drug = 'ketamine' then false
            else gathered.covered_diagnosis_count = 0
        end as needs_liability_modifier,
        cast(
            case
                when gathered.treatment_drug is null then null
                when gathered.liability_modifier = 'none' then 1
                when gathered.liability_modifier = 'GA'
                    then 1 - cast(gathered.has_liability_notice as integer)
                when gathered.liability_modifier = 'GZ' then cast(gathered.has_liability_notice as integer)
                else 0
            end as integer
        ) as liability_modifier_fault_count,
        case when gathered.treatment_drug is not null then gathered.liability_modifier end
            as liability_modifier,
        gathered.has_liability_notice
    from gathered
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
