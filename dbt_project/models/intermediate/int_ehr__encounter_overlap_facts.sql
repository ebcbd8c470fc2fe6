{#
    Encounters of which a clinician logged minutes that an encounter of anybody else also claims.

    Rows of one patient depend on other patients' time here, so this is no by_patient model: it is built anew from the
    time logs each time (one pass, joined by clinic, clinician and day).
#}
{{ config(materialized='table') }}

{% set fact_names = ['clinician_time_entry_count', 'overlapping_encounter_count'] %}

with encounters as (
    select
        encounters.encounter_key,
        encounters.patient_key
    from {{ ref('int_ehr__encounters') }} as encounters
    left join {{ ref('code_group') }} as not_held
        on
            not_held.group_name = 'encounter_not_held'
            and lower(encounters.encounter_status) = not_held.code
    where not_held.code is null
),

entries as (
    select
        time_logs.encounter_key,
        encounters.patient_key,
        time_logs.clinic_id,
        time_logs.npi,
        time_logs.start_at_utc,
        time_logs.end_at_utc
    from {{ ref('int_ehr__time_logs') }} as time_logs
    inner join encounters on time_logs.encounter_key = encounters.encounter_key
    inner join {{ ref('code_group') }} as exclusive
        on
            exclusive.group_name = 'exclusive_activity'
            and time_logs.activity_code = exclusive.code
),

-- an entry past midnight stands on both its days
busy as (
    select
        entries.*,
        cast(entries.start_at_utc as date) as busy_date
    from entries
    where entries.start_at_utc < entries.end_at_utc
    union all
    select
        entries.*,
        cast(entries.end_at_utc as date) as busy_date
    from entries
    where cast(entries.start_at_utc as date) < cast(entries.end_at_utc as date)
),

shared as (
    select
        busy.encounter_key,
        count(distinct others.encounter_key) as encounter_count
    from busy
    inner join busy as others
        on
            busy.clinic_id = others.clinic_id
            and busy.npi = others.npi
            and busy.busy_date = others.busy_date
            and busy.start_at_utc < others.end_at_utc
            and busy.end_at_utc > others.start_at_utc
            and busy.encounter_key <> others.encounter_key
    group by busy.encounter_key
),

counted as (
    select
        entries.encounter_key,
        min(entries.patient_key) as patient_key,
        count(*) as entry_count,
        count(
            case
                when entries.npi is null or entries.start_at_utc is null or entries.end_at_utc is null then 1
            end
        ) as unknown_count
    from entries
    group by entries.encounter_key
),

facts as (
    select
        counted.encounter_key,
        counted.patient_key,
        cast(counted.entry_count as integer) as clinician_time_entry_count,
        {{ certain_count('coalesce(shared.encounter_count, 0)', 'counted.unknown_count') }}
            as overlapping_encounter_count
    from counted
    left join shared on counted.encounter_key = shared.encounter_key
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
