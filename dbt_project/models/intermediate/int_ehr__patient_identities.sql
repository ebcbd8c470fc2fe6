{{ config(materialized='table') }}

with recursive merge_rows as (
    select
        patient_key,
        surviving_patient_key,
        surviving_patient_id,
        merged_date
    from {{ ranked_versions(ref('stg_ehr__patient_merges'), ['patient_key']) }} as versions
    where
        version_rank = 1
        and not is_deleted
        and patient_key <> surviving_patient_key
),

-- every id a merged one leads to; union, not union all, ends in a circle
reached as (
    select
        merge_rows.patient_key,
        merge_rows.surviving_patient_key as reached_key
    from merge_rows
    union
    select
        reached.patient_key,
        merge_rows.surviving_patient_key as reached_key
    from reached
    inner join merge_rows on reached.reached_key = merge_rows.patient_key
),

circles as (
    select
        members.patient_key,
        min(others.reached_key) as circle_key
    from reached as members
    inner join reached as others on members.patient_key = others.patient_key
    where members.patient_key = members.reached_key
    group by members.patient_key
),

-- ids merged into each other: the oldest merge of the circle was taken back by the later ones
taken_back as (
    select ranked.patient_key
    from (
        select
            merge_rows.patient_key,
            row_number() over (
                partition by circles.circle_key
                order by merge_rows.merged_date asc nulls first, merge_rows.patient_key asc
            ) as age_rank
        from merge_rows
        inner join circles on merge_rows.patient_key = circles.patient_key
    ) as ranked
    where ranked.age_rank = 1
),

standing as (
    select merge_rows.*
    from merge_rows
    left join taken_back on merge_rows.patient_key = taken_back.patient_key
    where taken_back.patient_key is null
),

followed as (
    select
        standing.patient_key,
        standing.surviving_patient_key,
        standing.surviving_patient_id
    from standing
    union
    select
        followed.patient_key,
        standing.surviving_patient_key,
        standing.surviving_patient_id
    from followed
    inner join standing on followed.surviving_patient_key = standing.patient_key
)

-- the end of the chain is the id that was not merged itself
select
    followed.patient_key,
    followed.surviving_patient_key,
    followed.surviving_patient_id
from followed
left join standing on followed.surviving_patient_key = standing.patient_key
where standing.patient_key is null
