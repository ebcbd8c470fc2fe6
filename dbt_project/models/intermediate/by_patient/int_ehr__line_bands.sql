with drug_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.service_date,
        line_codes.line_drug_name,
        doses.administered_mg,
        policies.esketamine_model
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__line_codes') }} as line_codes
        on claim_lines.claim_line_key = line_codes.claim_line_key
    inner join {{ ref('int_ehr__line_doses') }} as doses
        on claim_lines.claim_line_key = doses.claim_line_key
    inner join {{ ref('int_ehr__line_policies') }} as policies
        on claim_lines.claim_line_key = policies.claim_line_key
    where {{ in_changed_scopes('claim_lines.patient_key') }}
),

-- the code of the drug billed by weight that is valid on the date; unknown when there is more than one
weight_codes as (
    select
        drug_lines.claim_line_key,
        case when count(*) = 1 then min(drugs.code) end as weight_code
    from drug_lines
    inner join {{ ref('code_drug') }} as drugs
        on
            drug_lines.line_drug_name = drugs.drug_name
            and drugs.is_authorised_drug_code
            and drugs.mg_per_unit is not null
    inner join {{ ref('int_reference__codes') }} as reference
        on
            drugs.code = reference.code
            and reference.code_system in ('CPT', 'HCPCS')
            and {{ is_in_force('drug_lines.service_date', 'reference.valid_from', 'reference.valid_to') }}
    group by drug_lines.claim_line_key
)

select
    drug_lines.claim_line_key,
    drug_lines.patient_key,
    bands.code as dose_band_code,
    case
        when drug_lines.esketamine_model = 'gcode' then bands.code
        when drug_lines.esketamine_model = 'jcode_plus_em' then weight_codes.weight_code
    end as suggested_code
from drug_lines
left join {{ ref('code_dose_band') }} as bands
    on
        drug_lines.line_drug_name = bands.drug_name
        and drug_lines.administered_mg > bands.min_dose_mg_exclusive
        and (bands.max_dose_mg_inclusive is null or drug_lines.administered_mg <= bands.max_dose_mg_inclusive)
        and {{ is_in_force('drug_lines.service_date', 'bands.valid_from', 'bands.valid_to') }}
left join weight_codes on drug_lines.claim_line_key = weight_codes.claim_line_key
