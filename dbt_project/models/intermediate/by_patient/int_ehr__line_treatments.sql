{# Which lines bill a treatment with esketamine or ketamine, and how the drug was given. #}

with claim_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.claim_key,
        claim_lines.patient_key,
        claim_lines.clinic_id,
        claim_lines.encounter_key,
        claim_lines.service_date,
        claim_lines.procedure_code,
        codes.is_per_mg_drug_code or codes.is_bundle_code as is_esketamine_code,
        ndc_reference.drug_name = 'ketamine' as is_ketamine_ndc
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__line_codes') }} as codes on claim_lines.claim_line_key = codes.claim_line_key
    left join {{ ref('ndc_reference') }} as ndc_reference on claim_lines.ndc11 = ndc_reference.ndc11
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

-- lines that name no drug themselves: they belong to ketamine where it was given or its NDC stands on them,
-- but for those that stand for a second drug by their meaning
open_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.encounter_key,
        claim_lines.service_date
    from claim_lines
    inner join {{ ref('code_group') }} as code_group
        on
            claim_lines.procedure_code = code_group.code
            and code_group.group_name in ('injection_infusion_drug', 'unlisted_drug')
            and {{ is_in_force('claim_lines.service_date', 'code_group.valid_from', 'code_group.valid_to') }}
    left join {{ ref('code_group') }} as of_others
        on
            of_others.group_name = 'addon_of_another_drug'
            and claim_lines.procedure_code = of_others.code
    where of_others.code is null
    group by
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.encounter_key,
        claim_lines.service_date
),

given as (
    select
        administrations.patient_key,
        administrations.encounter_key,
        administrations.service_date,
        administrations.route
    from {{ ref('int_ehr__administrations') }} as administrations
    where
        administrations.drug_name = 'ketamine'
        and not administrations.is_entered_in_error
        and {{ in_changed_scopes('administrations.patient_key') }}
),

behind as (
    select
        open_lines.claim_line_key,
        given.route
    from open_lines
    inner join given on open_lines.encounter_key = given.encounter_key
    union all
    select
        open_lines.claim_line_key,
        given.route
    from open_lines
    inner join given
        on
            open_lines.patient_key = given.patient_key
            and open_lines.service_date = given.service_date
    where open_lines.encounter_key is null
),

ketamine as (
    select
        behind.claim_line_key,
        case
            when count(case when behind.route = 'iv' then 1 end) > 0 then 'iv'
            when count(case when behind.route in ('im', 'sc') then 1 end) > 0 then 'im_sc'
            when count(behind.route) = count(*) then 'other'
        end as route_kind
    from behind
    group by behind.claim_line_key
)

select
    claim_lines.claim_line_key,
    claim_lines.claim_key,
    claim_lines.patient_key,
    claim_lines.clinic_id,
    claim_lines.encounter_key,
    claim_lines.service_date,
    case when claim_lines.is_esketamine_code then 'esketamine' else 'ketamine' end as treatment_drug,
    case when claim_lines.is_esketamine_code then 'nasal' else ketamine.route_kind end as route_kind
from claim_lines
left join open_lines on claim_lines.claim_line_key = open_lines.claim_line_key
left join ketamine on claim_lines.claim_line_key = ketamine.claim_line_key
where
    claim_lines.is_esketamine_code
    or (
        open_lines.claim_line_key is not null
        and (ketamine.claim_line_key is not null or claim_lines.is_ketamine_ndc)
    )
