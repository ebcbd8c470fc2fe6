{{ config(materialized='table') }}

-- of every version ever delivered, also withdrawn ones: who may have to move when a merge changes
with recursive links as (
    select
        merge_rows.patient_key,
        merge_rows.surviving_patient_key as linked_patient_key
    from {{ ref('stg_ehr__patient_merges') }} as merge_rows
    union
    select
        merge_rows.surviving_patient_key as patient_key,
        merge_rows.patient_key as linked_patient_key
    from {{ ref('stg_ehr__patient_merges') }} as merge_rows
),

reached as (
    select
        links.patient_key,
        links.linked_patient_key
    from links
    union
    select
        reached.patient_key,
        links.linked_patient_key
    from reached
    inner join links on reached.linked_patient_key = links.patient_key
)

select
    reached.patient_key,
    reached.linked_patient_key
from reached
where reached.patient_key <> reached.linked_patient_key
