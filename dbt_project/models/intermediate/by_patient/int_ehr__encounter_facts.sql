with encounters as (
    select * from {{ ref('int_ehr__encounters') }}
    where {{ in_changed_scopes('patient_key') }}
),

-- a time or dose that is unknown makes the session's figure unknown
sessions as (
    select
        administrations.encounter_key,
        count(*) as esketamine_administration_count,
        case when count(*) = count(administrations.dose_mg) then sum(administrations.dose_mg) end
            as administered_esketamine_mg,
        case
            when
                count(*) = count(administrations.monitoring_minutes)
                then min(administrations.monitoring_minutes)
        end
            as monitoring_minutes
    from {{ ref('int_ehr__administrations') }} as administrations
    where
        administrations.is_esketamine
        and not administrations.is_entered_in_error
        and {{ in_changed_scopes('administrations.patient_key') }}
    group by administrations.encounter_key
),

drug_lines as (
    select
        claim_lines.patient_key,
        claim_lines.encounter_key,
        claim_lines.service_date,
        claim_lines.charge_amount
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__line_codes') }} as line_codes
        on claim_lines.claim_line_key = line_codes.claim_line_key
    where
        line_codes.line_drug_name is not null
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

-- a line that names no encounter belongs to the patient's sessions of its date
charges as (
    select
        encounters.encounter_key,
        sum(drug_lines.charge_amount) as charge_amount
    from encounters
    inner join drug_lines
        on
            encounters.patient_key = drug_lines.patient_key
            and (
                encounters.encounter_key = drug_lines.encounter_key
                or (drug_lines.encounter_key is null and encounters.service_date = drug_lines.service_date)
            )
    group by encounters.encounter_key
),

delivered as (
    select deliveries.clinic_id from {{ ref('int_ehr__deliveries') }} as deliveries
    where deliveries.table_name = 'administration'
),

facts as (
    select
        encounters.clinic_id,
        encounters.encounter_id as subject_key,
        encounters.encounter_key,
        encounters.patient_key,
        encounters.service_date,
        encounters.encounter_status,
        case when delivered.clinic_id is not null then sessions.encounter_key is not null end
            as has_esketamine_administration,
        cast(
            case
                when
                    delivered.clinic_id is not null
                    then coalesce(sessions.esketamine_administration_count, 0)
            end
            as integer
        ) as esketamine_administration_count,
        cast(sessions.administered_esketamine_mg as decimal(12, 3)) as administered_esketamine_mg,
        sessions.monitoring_minutes,
        cast(case when sessions.encounter_key is not null then charges.charge_amount end as decimal(12, 2))
            as charge_amount
    from encounters
    left join sessions on encounters.encounter_key = sessions.encounter_key
    left join charges on encounters.encounter_key = charges.encounter_key
    left join delivered on encounters.clinic_id = delivered.clinic_id
),

final as (
    select
        facts.*,
        {{ row_hash([
            'facts.encounter_key', 'facts.patient_key', 'facts.service_date', 'facts.encounter_status',
            'facts.has_esketamine_administration', 'facts.esketamine_administration_count',
            'facts.administered_esketamine_mg', 'facts.monitoring_minutes', 'facts.charge_amount',
        ]) }} as facts_hash
    from facts
)

select * from final
