with drug_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.clinic_id,
        claim_lines.encounter_key,
        claim_lines.service_date,
        line_codes.line_drug_name
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__line_codes') }} as line_codes
        on claim_lines.claim_line_key = line_codes.claim_line_key
    where
        line_codes.line_drug_name is not null
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

given as (
    select * from {{ ref('int_ehr__administrations') }}
    where
        not is_entered_in_error
        and {{ in_changed_scopes('patient_key') }}
),

-- a dose that is unknown makes the sum unknown
by_encounter as (
    select
        given.patient_key,
        given.encounter_key,
        given.drug_name,
        case when count(*) = count(given.dose_mg) then sum(given.dose_mg) end as administered_mg
    from given
    group by given.patient_key, given.encounter_key, given.drug_name
),

by_date as (
    select
        given.patient_key,
        given.service_date,
        given.drug_name,
        case when count(*) = count(given.dose_mg) then sum(given.dose_mg) end as administered_mg
    from given
    group by given.patient_key, given.service_date, given.drug_name
),

delivered as (
    select deliveries.clinic_id from {{ ref('int_ehr__deliveries') }} as deliveries
    where deliveries.table_name = 'administration'
)

select
    drug_lines.claim_line_key,
    drug_lines.patient_key,
    case
        when by_encounter.encounter_key is not null then 'encounter'
        when by_date.patient_key is not null then 'date'
    end as dose_source,
    case
        when delivered.clinic_id is not null
            then by_encounter.encounter_key is not null or by_date.patient_key is not null
    end as has_administration,
    cast(
        case
            when by_encounter.encounter_key is not null then by_encounter.administered_mg
            else by_date.administered_mg
        end as decimal(12, 3)
    ) as administered_mg
from drug_lines
left join by_encounter
    on
        drug_lines.patient_key = by_encounter.patient_key
        and drug_lines.encounter_key = by_encounter.encounter_key
        and drug_lines.line_drug_name = by_encounter.drug_name
left join by_date
    on
        drug_lines.patient_key = by_date.patient_key
        and drug_lines.service_date = by_date.service_date
        and drug_lines.line_drug_name = by_date.drug_name
left join delivered on drug_lines.clinic_id = delivered.clinic_id
