{# The chart behind a line: its administration, else those of its encounter, else of patient and date. #}

with claim_lines as (
    select
        claim_line_key,
        patient_key,
        clinic_id,
        encounter_key,
        administration_key,
        service_date
    from {{ ref('int_ehr__claim_lines') }}
    where
        is_standing
        and {{ in_changed_scopes('patient_key') }}
),

given as (
    select
        administrations.*,
        hydration.code is not null as is_hydration,
        administrations.start_at_utc < administrations.stop_at_utc as is_timed
    from {{ ref('int_ehr__administrations') }} as administrations
    left join {{ ref('code_group') }} as hydration
        on
            hydration.group_name = 'hydration_fluid'
            and administrations.drug_name = hydration.code
    where
        not administrations.is_entered_in_error
        and {{ in_changed_scopes('administrations.patient_key') }}
),

behind as (
    select
        claim_lines.claim_line_key,
        given.*
    from claim_lines
    inner join given on claim_lines.administration_key = given.administration_key
    union all
    select
        claim_lines.claim_line_key,
        given.*
    from claim_lines
    inner join given on claim_lines.encounter_key = given.encounter_key
    where claim_lines.administration_key is null
    union all
    select
        claim_lines.claim_line_key,
        given.*
    from claim_lines
    inner join given
        on
            claim_lines.patient_key = given.patient_key
            and claim_lines.service_date = given.service_date
    where
        claim_lines.administration_key is null
        and claim_lines.encounter_key is null
),

-- one unknown part makes a sum unknown
summed as (
    select
        behind.claim_line_key,
        count(*) as administration_count,
        case
            when count(behind.drug_name) = count(*) and count(distinct behind.drug_name) = 1
                then min(behind.drug_name)
        end as session_drug_name,
        count(case when behind.is_esketamine then 1 end) as esketamine_count,
        count(case when behind.route = 'iv' then 1 end) as iv_count,
        count(case when behind.route = 'iv' and behind.is_timed then 1 end) as timed_iv_count,
        count(case when behind.route in ('im', 'sc') then 1 end) as im_sc_count,
        count(case when behind.route = 'nasal' then 1 end) as nasal_count,
        count(case when behind.route is null then 1 end) as unknown_route_count,
        count(case when behind.route = 'iv' and not behind.is_hydration then 1 end) as infusion_count,
        count(case when behind.route = 'iv' and not behind.is_hydration and behind.is_timed then 1 end)
            as timed_infusion_count,
        max(
            case
                when behind.route = 'iv' and not behind.is_hydration and behind.is_timed
                    then {{ minutes_between('behind.start_at_utc', 'behind.stop_at_utc') }}
            end
        ) as longest_infusion_minutes,
        case when count(behind.dose_mg) = count(*) then sum(behind.dose_mg) end as dose_mg,
        case when count(behind.wasted_mg) = count(*) then sum(behind.wasted_mg) end as wasted_mg,
        case
            when count(behind.strength_mg_per_ml) = count(*) and count(distinct behind.strength_mg_per_ml) = 1
                then min(behind.strength_mg_per_ml)
        end as strength_mg_per_ml,
        case
            when count(behind.container_type) = count(*) and count(distinct behind.container_type) = 1
                then min(behind.container_type)
        end as container_kind,
        count(case when behind.acquisition_kind = 'specialty_pharmacy' then 1 end) as pharmacy_supplied_count,
        count(case when behind.acquisition_kind is null then 1 end) as unknown_acquisition_count
    from behind
    group by behind.claim_line_key
),

delivered as (
    select deliveries.clinic_id from {{ ref('int_ehr__deliveries') }} as deliveries
    where deliveries.table_name = 'administration'
)

select
    claim_lines.claim_line_key,
    claim_lines.patient_key,
    cast(
        case when delivered.clinic_id is not null then coalesce(summed.administration_count, 0) end as integer
    )
        as administration_count,
    summed.session_drug_name,
    cast(summed.esketamine_count as integer) as esketamine_count,
    cast(summed.iv_count as integer) as iv_count,
    cast(summed.timed_iv_count as integer) as timed_iv_count,
    cast(summed.im_sc_count as integer) as im_sc_count,
    cast(summed.nasal_count as integer) as nasal_count,
    cast(summed.unknown_route_count as integer) as unknown_route_count,
    cast(summed.infusion_count as integer) as infusion_count,
    cast(summed.timed_infusion_count as integer) as timed_infusion_count,
    case when summed.infusion_count = 1 then summed.longest_infusion_minutes end as infusion_minutes,
    cast(summed.dose_mg as decimal(12, 3)) as dose_mg,
    cast(summed.wasted_mg as decimal(12, 3)) as wasted_mg,
    summed.strength_mg_per_ml,
    summed.container_kind,
    case
        when summed.pharmacy_supplied_count > 0 then 'specialty_pharmacy'
        when summed.unknown_acquisition_count = 0 then 'buy_and_bill'
    end as session_acquisition
from claim_lines
left join summed on claim_lines.claim_line_key = summed.claim_line_key
left join delivered on claim_lines.clinic_id = delivered.clinic_id
