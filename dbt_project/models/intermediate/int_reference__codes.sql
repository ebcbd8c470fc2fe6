{{ config(materialized='table') }}

with releases as (
    select * from {{ ref('int_reference__releases') }}
),

first_releases as (
    select
        reference_table,
        min(release_date) as release_date
    from releases
    group by reference_table
),

listed as (
    select
        codes.*,
        case when codes.code_system = 'ICD-10-CM' then 'icd10cm' else 'hcpcs' end as reference_table,
        row_number() over (
            partition by codes.code_system, codes.code
            order by
                codes.is_billable desc,
                codes.release_date desc,
                codes._exported_at desc nulls last,
                codes._file_sha256 desc,
                codes._row_number desc
        ) as newest_rank
    from {{ ref('stg_reference__codes') }} as codes
),

-- a code that turns into a header (billable no more) ends with its last billable release
spans as (
    select
        code_system,
        code,
        reference_table,
        min(case when is_billable then release_date end) as first_date,
        max(case when is_billable then release_date end) as last_date,
        max(case when newest_rank = 1 then add_date end) as add_date,
        max(case when newest_rank = 1 then termination_date end) as termination_date
    from listed
    group by code_system, code, reference_table
),

followed as (
    select
        spans.code_system,
        spans.code,
        min(releases.release_date) as next_date
    from spans
    inner join releases
        on
            spans.reference_table = releases.reference_table
            and spans.last_date < releases.release_date
    group by spans.code_system, spans.code
),

loaded as (
    select
        spans.*,
        followed.next_date - 1 as dropped_date,
        case when spans.first_date > first_releases.release_date then spans.first_date end as appeared_date
    from spans
    inner join first_releases on spans.reference_table = first_releases.reference_table
    left join followed
        on
            spans.code_system = followed.code_system
            and spans.code = followed.code
),

seeds as (
    select * from {{ ref('code_reference') }}
)

select
    coalesce(seeds.code_system, loaded.code_system) as code_system,
    coalesce(seeds.code, loaded.code) as code,
    seeds.code_label,
    seeds.code_role,
    seeds.unit_basis,
    case when loaded.code is null then seeds.is_billable else loaded.last_date is not null end as is_billable,
    case
        when loaded.add_date is not null then loaded.add_date
        when seeds.code is not null then seeds.valid_from
        else loaded.appeared_date
    end as valid_from,
    coalesce(
        loaded.termination_date,
        loaded.dropped_date,
        case when loaded.last_date is null or seeds.valid_to >= loaded.last_date then seeds.valid_to end
    ) as valid_to,
    seeds.successor_code,
    seeds.date_verification,
    seeds.confidence,
    coalesce(seeds.source, 'release of ' || cast(loaded.last_date as varchar)) as source,
    loaded.last_date as last_release_date
from seeds
full outer join loaded
    on
        seeds.code_system = loaded.code_system
        and seeds.code = loaded.code
