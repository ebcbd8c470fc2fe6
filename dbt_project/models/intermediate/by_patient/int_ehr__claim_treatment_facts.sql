{# Claims of treatments with esketamine or ketamine, and sessions hidden behind other codes. #}
{% set fact_names = [
    'claim_treatment_drug', 'unspecific_primary_diagnosis_count', 'is_ideation_claim',
    'ideation_diagnoses_missing_count', 'exclusion_diagnosis_count', 'is_uncovered_ketamine_claim',
    'iv_ketamine_coverage', 'has_claim_liability_notice', 'is_psychiatric_claim', 'anesthesia_only_count',
    'anesthesia_without_ect_count', 'is_visit_only_claim', 'clinic_supplied_session_count',
] %}

with claims as (
    select * from {{ ref('int_ehr__claims') }}
    where
        is_standing
        and {{ in_changed_scopes('patient_key') }}
),

claim_lines as (
    select
        claim_lines.*,
        claims.line_of_business,
        codes.is_bundle_code or codes.line_drug_name is not null as is_drug_code
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join claims on claim_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_codes') }} as codes on claim_lines.claim_line_key = codes.claim_line_key
),

memberships as (
    select
        claim_lines.claim_line_key,
        code_group.group_name
    from claim_lines
    inner join {{ ref('code_group') }} as code_group
        on
            claim_lines.procedure_code = code_group.code
            and code_group.group_name in (
                'em_office',
                'injection_infusion_drug',
                'unlisted_drug',
                'anesthesia_code',
                'anesthesia_for_ect',
                'ect'
            )
    union all
    select
        claim_lines.claim_line_key,
        code_group.group_name
    from claim_lines
    inner join {{ ref('code_group') }} as code_group
        on
            substr(claim_lines.procedure_code, 1, 2) = code_group.code
            and code_group.group_name = 'anesthesia_prefix'
    where regexp_matches(claim_lines.procedure_code, '^[0-9]{5}$')
    union all
    select
        claim_lines.claim_line_key,
        code_group.group_name
    from claim_lines
    inner join {{ ref('code_group') }} as code_group
        on
            substr(claim_lines.revenue_code, 1, 3) = code_group.code
            and code_group.group_name = 'anesthesia_revenue_prefix'
),

marks as (
    select
        memberships.claim_line_key,
        {{ has_group('memberships', 'em_office') }} as is_visit,
        {{ has_group('memberships', 'injection_infusion_drug') }}
        or {{ has_group('memberships', 'unlisted_drug') }} as is_drug_or_administration,
        {{ has_group('memberships', 'anesthesia_code') }}
        or {{ has_group('memberships', 'anesthesia_prefix') }}
        or {{ has_group('memberships', 'anesthesia_revenue_prefix') }} as is_anesthesia,
        {{ has_group('memberships', 'anesthesia_for_ect') }} as is_ect_anesthesia,
        {{ has_group('memberships', 'ect') }} as is_ect
    from memberships
    group by memberships.claim_line_key
),

marked as (
    select
        claim_lines.*,
        coalesce(marks.is_visit, false) as is_visit,
        claim_lines.is_drug_code
        or coalesce(marks.is_drug_or_administration, false) as is_drug_or_administration,
        coalesce(marks.is_anesthesia, false) as is_anesthesia,
        coalesce(marks.is_ect_anesthesia, false) as is_ect_anesthesia,
        coalesce(marks.is_ect, false) as is_ect
    from claim_lines
    left join marks on claim_lines.claim_line_key = marks.claim_line_key
),

days as (
    select
        marked.patient_key,
        marked.service_date,
        count(case when marked.is_drug_or_administration then 1 end) as drug_or_administration_count,
        count(case when marked.is_ect then 1 end) as ect_count
    from marked
    group by marked.patient_key, marked.service_date
),

claim_marks as (
    select
        marked.claim_key,
        count(*) as line_count,
        count(case when marked.is_anesthesia then 1 end) as anesthesia_count,
        count(case when marked.is_ect_anesthesia and days.ect_count = 0 then 1 end) as without_ect_count,
        count(case when marked.is_visit then 1 end) as visit_count,
        sum(days.drug_or_administration_count) as drug_or_administration_count
    from marked
    left join days
        on
            marked.patient_key = days.patient_key
            and marked.service_date = days.service_date
    group by marked.claim_key
),

-- what was given at the encounters, or on the dates, of a claim
given as (
    select
        administrations.patient_key,
        administrations.encounter_key,
        administrations.service_date,
        administrations.administration_key,
        administrations.acquisition_kind
    from {{ ref('int_ehr__administrations') }} as administrations
    inner join {{ ref('drug_reference') }} as drugs on administrations.drug_name = drugs.drug_alias
    where
        not administrations.is_entered_in_error
        and {{ in_changed_scopes('administrations.patient_key') }}
),

behind as (
    select
        claim_lines.claim_key,
        given.administration_key,
        given.acquisition_kind
    from claim_lines
    inner join given on claim_lines.encounter_key = given.encounter_key
    union
    select
        claim_lines.claim_key,
        given.administration_key,
        given.acquisition_kind
    from claim_lines
    inner join given
        on
            claim_lines.patient_key = given.patient_key
            and claim_lines.service_date = given.service_date
    where claim_lines.encounter_key is null
),

supplied as (
    select
        behind.claim_key,
        count(case when behind.acquisition_kind = 'buy_and_bill' then 1 end) as clinic_supplied_count,
        count(case when behind.acquisition_kind is null then 1 end) as unknown_count
    from behind
    group by behind.claim_key
),

deliveries as (
    select
        delivered.clinic_id,
        count(case when delivered.table_name = 'administration' then 1 end) > 0 as has_administrations
    from {{ ref('int_ehr__deliveries') }} as delivered
    group by delivered.clinic_id
),

treatments as (
    select
        line_treatments.claim_key,
        min(line_treatments.treatment_drug) as treatment_drug,
        count(case when line_treatments.route_kind in ('iv', 'im_sc') then 1 end) > 0 as is_parenteral,
        count(case when line_treatments.route_kind is null then 1 end) > 0 as is_route_open,
        max(policies.iv_ketamine_covered_policy) as iv_ketamine_covered_policy,
        count(case when diagnosis_facts.liability_modifier <> 'none' then 1 end)
        > 0 as has_liability_modifier,
        max(
            case
                when diagnosis_facts.has_liability_notice then 1 when
                    not diagnosis_facts.has_liability_notice
                    then 0
            end
        )
            as notice_mark
    from {{ ref('int_ehr__line_treatments') }} as line_treatments
    inner join {{ ref('int_ehr__line_policies') }} as policies
        on line_treatments.claim_line_key = policies.claim_line_key
    inner join {{ ref('int_ehr__line_diagnosis_facts') }} as diagnosis_facts
        on line_treatments.claim_line_key = diagnosis_facts.claim_line_key
    where {{ in_changed_scopes('line_treatments.patient_key') }}
    group by line_treatments.claim_key
),

-- psychosis, bipolar disorder, substance use: a group holds the first two or three letters, or the whole code
all_codes as (
    select claim_diagnoses.diagnosis_code
    from {{ ref('int_ehr__claim_diagnoses') }} as claim_diagnoses
    where {{ in_changed_scopes('claim_diagnoses.patient_key') }}
    union
    select problems.diagnosis_code
    from {{ ref('int_ehr__diagnoses') }} as problems
    where
        coalesce(problems.code_system, 'icd10cm') = 'icd10cm'
        and {{ in_changed_scopes('problems.patient_key') }}
),

code_groups as (
    select
        all_codes.diagnosis_code,
        {{ has_group('code_group', 'icd10_unspecific_depression') }} as is_unspecific,
        {{ has_group('code_group', 'icd10_suicidal_ideation') }} as is_ideation,
        {{ has_group('code_group', 'icd10_major_depression_prefix') }} as is_depression,
        {{ has_group('code_group', 'icd10_exclusion') }}
        and not regexp_matches(all_codes.diagnosis_code, '^F1[0-9][.][129]1') as is_exclusion
    from all_codes
    inner join {{ ref('code_group') }} as code_group
        on
            code_group.group_name in (
                'icd10_unspecific_depression', 'icd10_suicidal_ideation', 'icd10_major_depression_prefix',
                'icd10_exclusion'
            )
            and code_group.code in (
                all_codes.diagnosis_code, substr(all_codes.diagnosis_code, 1, 3),
                substr(all_codes.diagnosis_code, 1, 2)
            )
    group by all_codes.diagnosis_code
),

diagnosed as (
    select
        diagnoses.claim_key,
        diagnoses.diagnosis_position,
        diagnoses.is_psychiatric,
        coalesce(code_groups.is_unspecific, false) as is_unspecific,
        coalesce(code_groups.is_ideation, false) as is_ideation,
        coalesce(code_groups.is_depression, false) as is_depression,
        coalesce(code_groups.is_exclusion, false) as is_exclusion
    from {{ ref('int_ehr__claim_diagnoses') }} as diagnoses
    left join code_groups on diagnoses.diagnosis_code = code_groups.diagnosis_code
    where {{ in_changed_scopes('diagnoses.patient_key') }}
),

diagnosis_counts as (
    select
        diagnosed.claim_key,
        count(case when diagnosed.diagnosis_position = 1 and diagnosed.is_unspecific then 1 end)
            as unspecific_count,
        count(case when diagnosed.diagnosis_position = 1 then 1 end) as primary_count,
        count(case when diagnosed.is_psychiatric then 1 end) as psychiatric_count,
        count(case when diagnosed.is_ideation then 1 end) as ideation_count,
        count(case when diagnosed.is_depression then 1 end) as depression_count,
        count(case when diagnosed.is_exclusion then 1 end) as exclusion_count
    from diagnosed
    group by diagnosed.claim_key
),

-- what the problem list says on the day, beside what was billed
problem_list as (
    select
        claims.claim_key,
        count(*) as exclusion_count
    from claims
    inner join {{ ref('int_ehr__diagnoses') }} as problems on claims.patient_key = problems.patient_key
    inner join code_groups
        on
            problems.diagnosis_code = code_groups.diagnosis_code
            and code_groups.is_exclusion
    where
        coalesce(problems.code_system, 'icd10cm') = 'icd10cm'
        and coalesce(problems.diagnosis_status, 'active') = 'active'
        and coalesce(problems.onset_date, problems.recorded_date, claims.first_service_date)
        <= claims.first_service_date
        and coalesce(problems.abated_date, claims.first_service_date) >= claims.first_service_date
    group by claims.claim_key
),

authorised as (
    select distinct claims.claim_key
    from claims
    inner join
        {{ ref('int_ehr__prior_auths') }} as prior_auths
        on claims.patient_key = prior_auths.patient_key
    where
        prior_auths.was_ever_approved
        and lower(prior_auths.indication_code) = 'mdd_si'
        and claims.first_service_date between prior_auths.valid_from_date and prior_auths.valid_to_date
),

facts as (
    select
        claims.claim_key,
        claims.patient_key,
        treatments.treatment_drug as claim_treatment_drug,
        cast(
            case when diagnosis_counts.primary_count > 0 then diagnosis_counts.unspecific_count end as integer
        )
            as unspecific_primary_diagnosis_count,
        treatments.treatment_drug = 'esketamine' and authorised.claim_key is not null as is_ideation_claim,
        cast(
            case
                when diagnosis_counts.claim_key is not null
                    then
                        case when diagnosis_counts.ideation_count = 0 then 1 else 0 end
                        + case when diagnosis_counts.depression_count = 0 then 1 else 0 end
            end as integer
        ) as ideation_diagnoses_missing_count,
        cast(
            case
                when diagnosis_counts.claim_key is not null or problem_list.claim_key is not null
                    then
                        coalesce(diagnosis_counts.exclusion_count, 0)
                        + coalesce(problem_list.exclusion_count, 0)
            end as integer
        ) as exclusion_diagnosis_count,
        coalesce(
            treatments.treatment_drug = 'ketamine'
            and (treatments.is_parenteral or treatments.is_route_open)
            and coalesce(claims.line_of_business <> 'self_pay', true)
            and diagnosis_counts.psychiatric_count > 0, false
        ) as is_uncovered_ketamine_claim,
        case
            when {{ policy_flag('treatments.iv_ketamine_covered_policy') }} then 'covered'
            when not {{ policy_flag('treatments.iv_ketamine_covered_policy') }} then 'not_covered'
        end as iv_ketamine_coverage,
        case
            when treatments.has_liability_modifier or treatments.notice_mark = 1 then true
            when treatments.notice_mark = 0 then false
        end as has_claim_liability_notice,
        coalesce(diagnosis_counts.psychiatric_count > 0, false) as is_psychiatric_claim,
        cast(case when claim_marks.anesthesia_count = claim_marks.line_count then 1 else 0 end as integer)
            as anesthesia_only_count,
        cast(claim_marks.without_ect_count as integer) as anesthesia_without_ect_count,
        claim_marks.visit_count = claim_marks.line_count
        and claim_marks.drug_or_administration_count = 0 as is_visit_only_claim,
        cast(
            case
                when not coalesce(deliveries.has_administrations, false) then null
                when supplied.claim_key is null then 0
                when supplied.clinic_supplied_count > 0 or supplied.unknown_count = 0
                    then supplied.clinic_supplied_count
            end as integer
        ) as clinic_supplied_session_count
    from claims
    inner join claim_marks on claims.claim_key = claim_marks.claim_key
    left join treatments on claims.claim_key = treatments.claim_key
    left join diagnosis_counts on claims.claim_key = diagnosis_counts.claim_key
    left join problem_list on claims.claim_key = problem_list.claim_key
    left join authorised on claims.claim_key = authorised.claim_key
    left join supplied on claims.claim_key = supplied.claim_key
    left join deliveries on claims.clinic_id = deliveries.clinic_id
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
