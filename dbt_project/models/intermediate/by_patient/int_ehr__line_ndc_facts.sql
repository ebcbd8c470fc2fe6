{# Lines of drugs: the NDC, its quantity and container, the words of an unlisted code, the waste modifiers. #}
{% set fact_names = [
    'is_ndc_code', 'ndc_requirement', 'ndc_fault_count', 'is_ndc_quantity_line', 'ndc_unit', 'expected_ndc_unit',
    'expected_ndc_quantity', 'ndc_quantity_difference', 'has_ndc', 'ndc_is_esketamine', 'is_esketamine_code',
    'is_bulk_ndc', 'ndc_kit_mg', 'kit_dose_difference_mg', 'is_ketamine_line', 'is_unlisted_drug_code',
    'unlisted_missing_element_count', 'are_unlisted_units_allowed', 'container_kind', 'has_waste_modifier',
    'waste_modifier', 'expected_waste_modifier', 'has_jz_by_weight', 'is_jz_asked',
] %}

with claim_lines as (
    select
        claim_lines.*,
        claims.line_of_business,
        codes.is_per_mg_drug_code,
        codes.is_bundle_code,
        codes.line_drug_name
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_codes') }} as codes
        on claim_lines.claim_line_key = codes.claim_line_key
    where {{ in_changed_scopes('claim_lines.patient_key') }}
),

grouped as (
    select
        claim_lines.claim_line_key,
        {{ has_group('code_group', 'unlisted_drug') }} as is_unlisted_drug_code,
        {{ has_group('code_group', 'ketamine_wrong_code') }} as is_ketamine_wrong_code
    from claim_lines
    inner join {{ ref('code_group') }} as code_group
        on
            claim_lines.procedure_code = code_group.code
            and code_group.group_name in ('unlisted_drug', 'ketamine_wrong_code')
            and {{ is_in_force('claim_lines.service_date', 'code_group.valid_from', 'code_group.valid_to') }}
    group by claim_lines.claim_line_key
),

described as (
    select
        claim_lines.*,
        coalesce(grouped.is_unlisted_drug_code, false) as is_unlisted_drug_code,
        coalesce(grouped.is_ketamine_wrong_code, false) as is_ketamine_wrong_code,
        claim_lines.is_per_mg_drug_code or claim_lines.is_bundle_code as is_esketamine_code,
        ndc_reference.drug_name as ndc_drug_name,
        ndc_reference.package_mg,
        ndc_reference.container_kind as ndc_container_kind,
        devices.mg_per_device,
        regexp_matches(claim_lines.ndc11, '^[0-9]{11}$') as is_eleven_digits,
        sessions.administration_count,
        sessions.session_drug_name,
        sessions.esketamine_count,
        sessions.dose_mg,
        sessions.wasted_mg,
        sessions.strength_mg_per_ml,
        coalesce(ndc_reference.container_kind, sessions.container_kind) as container_kind,
        case
            when ndc_lines_of_business.code is not null then 'required'
            when {{ policy_flag('policies.ndc_required_policy') }} then 'required'
            when not {{ policy_flag('policies.ndc_required_policy') }} then 'not_required'
        end as ndc_requirement,
        policies.ndc_uom_esketamine_policy,
        coalesce({{ policy_flag('policies.ndc_pays_waste_policy') }}, false) as is_waste_in_quantity,
        coalesce({{ policy_flag('policies.unlisted_units_allowed_policy') }}, false)
            as are_unlisted_units_allowed,
        coalesce({{ policy_flag('policies.mod_jz_required_policy') }}, false) as is_jz_asked
    from claim_lines
    left join grouped on claim_lines.claim_line_key = grouped.claim_line_key
    inner join {{ ref('int_ehr__line_policies') }} as policies
        on claim_lines.claim_line_key = policies.claim_line_key
    inner join {{ ref('int_ehr__line_sessions') }} as sessions
        on claim_lines.claim_line_key = sessions.claim_line_key
    left join {{ ref('ndc_reference') }} as ndc_reference on claim_lines.ndc11 = ndc_reference.ndc11
    left join {{ ref('drug_reference') }} as devices on ndc_reference.drug_name = devices.drug_alias
    left join {{ ref('code_group') }} as ndc_lines_of_business
        on
            ndc_lines_of_business.group_name = 'ndc_required_line_of_business'
            and claim_lines.line_of_business = ndc_lines_of_business.code
    where
        claim_lines.is_per_mg_drug_code
        or claim_lines.is_bundle_code
        or grouped.claim_line_key is not null
        or ndc_reference.ndc11 is not null
),

waste_marks as (
    select
        described.claim_line_key,
        count(case when code_group.code = 'JW' then 1 end) > 0 as has_jw,
        count(case when code_group.code = 'JZ' then 1 end) > 0 as has_jz
    from described
    inner join {{ ref('code_group') }} as code_group
        on
            code_group.group_name = 'waste_modifier'
            and code_group.code in (
                described.modifier_1, described.modifier_2, described.modifier_3, described.modifier_4
            )
    group by described.claim_line_key
),

-- the discarded part may stand on a line of its own
waste_lines as (
    select
        described.patient_key,
        described.service_date,
        described.procedure_code
    from described
    inner join waste_marks on described.claim_line_key = waste_marks.claim_line_key
    where
        waste_marks.has_jw
        and described.service_date is not null
    group by described.patient_key, described.service_date, described.procedure_code
),

quantities as (
    select
        described.claim_line_key,
        case
            when described.is_per_mg_drug_code or described.is_unlisted_drug_code
                then
                    case
                        when described.session_drug_name is null then null
                        when
                            described.ndc_drug_name = 'esketamine'
                            and described.session_drug_name = described.ndc_drug_name
                            then
                                described.dose_mg
                                / case
                                    when described.ndc_uom_esketamine_policy in ('devices', 'un devices')
                                        then described.mg_per_device
                                    else described.package_mg
                                end
                        when described.session_drug_name = described.ndc_drug_name
                            then (
                                described.dose_mg
                                + case when described.is_waste_in_quantity then described.wasted_mg else 0 end
                            ) / nullif(described.strength_mg_per_ml, 0)
                    end
        end as expected_quantity
    from described
),

faults as (
    select
        described.claim_line_key,
        case when coalesce(described.is_eleven_digits, false) then 0 else 1 end
        + case when upper(described.ndc_qualifier_code) <> 'N4' then 1 else 0 end
        + case
            when
                described.is_eleven_digits
                and described.ndc_drug_name is null
                and described.is_esketamine_code
                then 1
            else 0
        end as certain_count,
        case
            when
                described.is_eleven_digits
                and described.ndc_drug_name is null
                and not described.is_esketamine_code
                then 1
            else 0
        end + case when described.ndc_qualifier_code is null then 1 else 0 end as unknown_count,
        case when described.ndc11 is null then 1 else 0 end
        + case
            when
                coalesce(
                    regexp_matches(
                        lower(described.noc_text), coalesce(described.session_drug_name, 'ketamine')
                    ),
                    false
                )
                then 0
            else 1
        end
        + case when coalesce(regexp_matches(lower(described.noc_text), '[0-9] *mg'), false) then 0 else 1 end
        + case
            when
                coalesce(
                    regexp_matches(
                        lower(described.noc_text),
                        '(^|[^a-z])(iv|im|sc|intraven|intramusc|subcut|nasal|oral)'
                    ), false
                )
                then 0
            else 1
        end as missing_element_count
    from described
),

facts as (
    select
        described.claim_line_key,
        described.patient_key,
        described.is_per_mg_drug_code or described.is_unlisted_drug_code as is_ndc_code,
        described.ndc_requirement,
        cast(
            case
                when faults.certain_count > 0 then faults.certain_count
                when faults.unknown_count = 0 then 0
            end as integer
        ) as ndc_fault_count,
        (described.is_per_mg_drug_code or described.is_unlisted_drug_code)
        and (described.ndc_quantity is not null or coalesce(described.ndc_requirement = 'required', false))
            as is_ndc_quantity_line,
        coalesce(upper(described.ndc_unit_code), 'none') as ndc_unit,
        case
            when described.ndc_drug_name = 'esketamine' then 'UN'
            when described.ndc_drug_name is not null then 'ML'
        end as expected_ndc_unit,
        cast(quantities.expected_quantity as decimal(12, 3)) as expected_ndc_quantity,
        cast(coalesce(described.ndc_quantity, 0) - quantities.expected_quantity as decimal(12, 3))
            as ndc_quantity_difference,
        described.ndc11 is not null as has_ndc,
        described.ndc_drug_name = 'esketamine' as ndc_is_esketamine,
        described.is_esketamine_code,
        case
            when
                described.ndc_drug_name is not null
                then coalesce(described.ndc_container_kind = 'bulk', false)
        end
            as is_bulk_ndc,
        cast(
            case when described.package_mg > described.mg_per_device then described.package_mg end
            as decimal(12, 3)
        ) as ndc_kit_mg,
        cast(
            case
                when
                    described.package_mg > described.mg_per_device
                    and described.session_drug_name = described.ndc_drug_name
                    then described.dose_mg - described.package_mg
            end as decimal(12, 3)
        ) as kit_dose_difference_mg,
        case
            when described.session_drug_name = 'ketamine' then true
            when described.esketamine_count > 0 or described.session_drug_name is not null then false
            when described.is_esketamine_code or described.line_drug_name is not null then false
        end as is_ketamine_line,
        described.is_unlisted_drug_code,
        cast(faults.missing_element_count as integer) as unlisted_missing_element_count,
        described.are_unlisted_units_allowed,
        described.container_kind,
        coalesce(waste_marks.has_jw or waste_marks.has_jz, false) as has_waste_modifier,
        case
            when waste_lines.procedure_code is not null then 'JW'
            when waste_marks.has_jz then 'JZ'
            else 'none'
        end as waste_modifier,
        case
            when described.wasted_mg > 0 then 'JW'
            when described.wasted_mg = 0 then 'JZ'
        end as expected_waste_modifier,
        described.is_per_mg_drug_code and coalesce(waste_marks.has_jz, false) as has_jz_by_weight,
        described.is_jz_asked
    from described
    inner join quantities on described.claim_line_key = quantities.claim_line_key
    inner join faults on described.claim_line_key = faults.claim_line_key
    left join waste_marks on described.claim_line_key = waste_marks.claim_line_key
    left join waste_lines
        on
            described.patient_key = waste_lines.patient_key
            and described.service_date = waste_lines.service_date
            and described.procedure_code = waste_lines.procedure_code
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
