{{ config(materialized='table') }}

with deactivated as (
    select * from {{ ref('carc_deactivated') }}
),

classified as (
    select * from {{ ref('carc_rarc') }}
    where type in ('CARC', 'RARC')
),

seeds as (
    select
        classified.type as code_type,
        classified.code,
        classified.label,
        classified.denial_or_adjustment,
        classified.denial_category,
        classified.recommended_action,
        classified.appealability,
        classified.preventable_by_rule_ids,
        classified.start_date,
        coalesce(classified.end_date, deactivated.end_date) as stop_date,
        classified.source
    from classified
    left join deactivated
        on
            classified.type = 'CARC'
            and classified.code = deactivated.carc
    union all
    select
        'CARC' as code_type,
        deactivated.carc as code,
        cast(null as varchar) as label,
        cast(null as varchar) as denial_or_adjustment,
        cast(null as varchar) as denial_category,
        cast(null as varchar) as recommended_action,
        cast(null as varchar) as appealability,
        cast(null as varchar) as preventable_by_rule_ids,
        cast(null as date) as start_date,
        deactivated.end_date as stop_date,
        deactivated.source
    from deactivated
    left join classified
        on
            classified.type = 'CARC'
            and deactivated.carc = classified.code
    where classified.code is null
),

delivered as (
    select
        codes.*,
        row_number() over (
            partition by codes.code_type, codes.code
            order by
                codes.release_date desc,
                codes._exported_at desc nulls last,
                codes._file_sha256 desc,
                codes._row_number desc
        ) as version_rank
    from {{ ref('stg_reference__reason_codes') }} as codes
),

loaded as (
    select * from delivered
    where version_rank = 1
)

select
    coalesce(loaded.code_type, seeds.code_type) as code_type,
    coalesce(loaded.code, seeds.code) as code,
    seeds.label,
    seeds.denial_or_adjustment,
    seeds.denial_category,
    seeds.recommended_action,
    seeds.appealability,
    seeds.preventable_by_rule_ids,
    coalesce(loaded.start_date, seeds.start_date) as start_date,
    case when loaded.code is null then seeds.stop_date else loaded.stop_date end as stop_date,
    coalesce(seeds.source, 'list of ' || cast(loaded.release_date as varchar)) as source,
    loaded.release_date as last_release_date
from seeds
full outer join loaded
    on
        seeds.code_type = loaded.code_type
        and seeds.code = loaded.code
