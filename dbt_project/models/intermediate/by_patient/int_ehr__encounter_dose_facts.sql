{# What was given against what the containers hold: vials, kits, devices. #}
{% set fact_names = [
    'single_dose_container_count', 'container_difference_mg', 'device_remainder_mg', 'device_drug_count',
] %}

with given as (
    select
        administrations.*,
        ndc_reference.package_mg,
        coalesce(administrations.container_type, ndc_reference.container_kind) as container_kind,
        devices.mg_per_device
    from {{ ref('int_ehr__administrations') }} as administrations
    left join {{ ref('ndc_reference') }} as ndc_reference on administrations.ndc11 = ndc_reference.ndc11
    left join {{ ref('drug_reference') }} as devices on administrations.drug_name = devices.drug_alias
    where
        not administrations.is_entered_in_error
        and {{ in_changed_scopes('administrations.patient_key') }}
),

-- single-dose containers only; one unknown part makes the session's figure unknown
facts as (
    select
        given.encounter_key,
        min(given.patient_key) as patient_key,
        cast(count(case when given.container_kind = 'single' then 1 end) as integer)
            as single_dose_container_count,
        cast(
            case
                when
                    count(case when given.container_kind = 'single' then 1 end)
                    = count(
                        case
                            when given.container_kind = 'single'
                                then
                                    given.dose_mg + given.wasted_mg + given.container_count * given.package_mg
                        end
                    )
                    then sum(
                        case
                            when given.container_kind = 'single'
                                then abs(
                                    given.dose_mg + given.wasted_mg - given.container_count * given.package_mg
                                )
                        end
                    )
            end as decimal(12, 3)
        ) as container_difference_mg,
        cast(
            case
                when
                    count(given.mg_per_device)
                    = count(case when given.mg_per_device is not null then given.dose_mg end)
                    then sum(given.dose_mg % given.mg_per_device)
            end as decimal(12, 3)
        ) as device_remainder_mg,
        cast(count(given.mg_per_device) as integer) as device_drug_count
    from given
    group by given.encounter_key
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
