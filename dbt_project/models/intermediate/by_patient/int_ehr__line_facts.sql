{# every fact the derived ones follow from #}
{% set hashed_facts = [
    'facts.claim_line_key', 'facts.patient_key', 'facts.claim_status', 'facts.payer_id',
    'facts.line_of_business', 'facts.service_date', 'facts.procedure_code', 'facts.billed_units',
    'facts.charge_amount', 'facts.allowed_unit_amount', 'facts.scheduled_charge_unit_amount', 'facts.rendering_npi',
    'facts.has_esketamine_administration', 'facts.administered_esketamine_mg', 'facts.expected_units',
    'facts.dose_band_code', 'facts.bundle_line_count_on_date', 'facts.is_per_mg_drug_code',
    'facts.is_bundle_code', 'facts.is_patisiran_code', 'facts.is_bundle_excluded_service',
    'facts.same_clinician_bundle_line_count', 'facts.has_modifier_25', 'facts.em25_exempts_gcode',
    'facts.is_em_needing_25', 'facts.same_clinician_procedure_line_count', 'facts.authorised_drug',
    'facts.prior_auth_requirement', 'facts.decided_prior_auth_count', 'facts.covering_prior_auth_count',
    'facts.covering_prior_auth_id', 'facts.pa_approved_units', 'facts.pa_unit_basis',
    'facts.code_effective_from_date', 'facts.code_effective_to_date',
    'facts.is_known_code', 'facts.psychiatric_diagnosis_count', 'facts.suggested_code',
] %}

with claim_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
    where
        is_standing
        and {{ in_changed_scopes('patient_key') }}
),

psychiatric_diagnoses as (
    select
        claim_lines.claim_line_key,
        count(case when diagnoses.is_psychiatric then 1 end) as psychiatric_diagnosis_count
    from claim_lines
    inner join
        {{ ref('int_ehr__claim_diagnoses') }} as diagnoses
        on claim_lines.claim_key = diagnoses.claim_key
    where
        diagnoses.diagnosis_position in (
            claim_lines.diagnosis_pointer_1, claim_lines.diagnosis_pointer_2,
            claim_lines.diagnosis_pointer_3, claim_lines.diagnosis_pointer_4
        )
        or coalesce(
            claim_lines.diagnosis_pointer_1, claim_lines.diagnosis_pointer_2,
            claim_lines.diagnosis_pointer_3, claim_lines.diagnosis_pointer_4
        ) is null
    group by claim_lines.claim_line_key
),

gathered as (
    select
        claim_lines.clinic_id,
        claim_lines.claim_id || '/' || cast(claim_lines.line_number as varchar) as subject_key,
        claim_lines.claim_line_key,
        claim_lines.claim_key,
        claim_lines.patient_key,
        claims.claim_status,
        claims.payer_id,
        claims.line_of_business,
        claim_lines.service_date,
        claim_lines.procedure_code,
        claim_lines.billed_units,
        claim_lines.charge_amount,
        allowances.allowed_unit_amount,
        allowances.charge_unit_amount as scheduled_charge_unit_amount,
        cast(allowances.allowed_unit_amount * claim_lines.billed_units as decimal(12, 2)) as allowed_amount,
        claim_lines.rendering_npi,
        codes.is_per_mg_drug_code,
        codes.is_bundle_code,
        codes.is_patisiran_code,
        doses.has_administration as has_esketamine_administration,
        doses.administered_mg as administered_esketamine_mg,
        cast(
            case
                when codes.is_per_mg_drug_code or (codes.is_patisiran_code and doses.has_administration)
                    then doses.administered_mg / codes.mg_per_unit
            end as decimal(12, 3)
        ) as expected_units,
        case when codes.is_bundle_code then bands.dose_band_code end as dose_band_code,
        cast(neighbours.bundle_line_count_on_date as integer) as bundle_line_count_on_date,
        codes.is_bundle_excluded_service,
        cast(neighbours.same_clinician_bundle_line_count as integer) as same_clinician_bundle_line_count,
        codes.has_modifier_25,
        policies.em25_exempts_gcode,
        codes.is_em_needing_25,
        cast(neighbours.same_clinician_procedure_line_count as integer)
            as same_clinician_procedure_line_count,
        codes.authorised_drug,
        case
            when codes.authorised_drug is null then null
            when policies.is_prior_auth_required then 'required'
            when not policies.is_prior_auth_required then 'not_required'
        end as prior_auth_requirement,
        cast(line_prior_auths.decided_prior_auth_count as integer) as decided_prior_auth_count,
        cast(line_prior_auths.covering_prior_auth_count as integer) as covering_prior_auth_count,
        prior_auths.prior_auth_id as covering_prior_auth_id,
        prior_auths.approved_units as pa_approved_units,
        prior_auths.unit_basis_code as pa_unit_basis,
        codes.code_effective_from_date,
        codes.code_effective_to_date,
        codes.is_known_code,
        case
            when
                codes.is_patisiran_code
                then cast(psychiatric_diagnoses.psychiatric_diagnosis_count as integer)
        end as psychiatric_diagnosis_count,
        case when not codes.is_patisiran_code or doses.has_administration then bands.suggested_code end
            as suggested_code
    from claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_codes') }} as codes on claim_lines.claim_line_key = codes.claim_line_key
    left join {{ ref('int_ehr__line_doses') }} as doses on claim_lines.claim_line_key = doses.claim_line_key
    left join {{ ref('int_ehr__line_bands') }} as bands on claim_lines.claim_line_key = bands.claim_line_key
    left join
        {{ ref('int_ehr__line_policies') }} as policies
        on claim_lines.claim_line_key = policies.claim_line_key
    left join {{ ref('int_ehr__line_allowances') }} as allowances
        on claim_lines.claim_line_key = allowances.claim_line_key
    left join {{ ref('int_ehr__line_neighbours') }} as neighbours
        on claim_lines.claim_line_key = neighbours.claim_line_key
    left join {{ ref('int_ehr__line_prior_auths') }} as line_prior_auths
        on claim_lines.claim_line_key = line_prior_auths.claim_line_key
    left join {{ ref('int_ehr__prior_auths') }} as prior_auths
        on line_prior_auths.covering_prior_auth_key = prior_auths.prior_auth_key
    left join psychiatric_diagnoses on claim_lines.claim_line_key = psychiatric_diagnoses.claim_line_key
),

facts as (
    select
        gathered.*,
        gathered.billed_units - gathered.expected_units as unit_difference,
        cast(
            abs(gathered.billed_units - gathered.expected_units) * coalesce(
                gathered.allowed_unit_amount,
                gathered.scheduled_charge_unit_amount,
                case
                    when gathered.billed_units > gathered.expected_units
                        then gathered.charge_amount / gathered.billed_units
                end
            ) as decimal(12, 2)
        ) as unit_difference_amount,
        case
            when not gathered.is_bundle_excluded_service then null
            when gathered.has_modifier_25 and gathered.em25_exempts_gcode then 0
            else gathered.same_clinician_bundle_line_count
        end as conflicting_bundle_line_count,
        cast(
            case
                when not gathered.is_known_code or gathered.service_date is null then null
                when gathered.service_date < gathered.code_effective_from_date
                    then {{ days_between('gathered.service_date', 'gathered.code_effective_from_date') }}
                when gathered.service_date > gathered.code_effective_to_date
                    then {{ days_between('gathered.code_effective_to_date', 'gathered.service_date') }}
                else 0
            end as integer
        ) as days_outside_code_validity
    from gathered
),

final as (
    select
        facts.*,
        {{ row_hash(hashed_facts) }} as facts_hash
    from facts
)

select * from final
