{{ config(materialized='table') }}

with delivered as (
    select
        mues.*,
        row_number() over (
            partition by mues.release_date, mues.code
            order by mues._exported_at desc nulls last, mues._file_sha256 desc, mues._row_number desc
        ) as version_rank
    from {{ ref('stg_reference__mues') }} as mues
),

seeded as (
    select
        seeds.*,
        releases.release_date
    from {{ ref('mue_extract') }} as seeds
    inner join {{ ref('int_reference__releases') }} as releases
        on
            releases.reference_table = 'mue_practitioner'
            and releases.release_source = 'seed'
            and seeds.table_date between releases.release_date and releases.covers_to_date
)

select
    release_date,
    code,
    mue_units,
    adjudication_indicator,
    rationale,
    'loaded' as release_source
from delivered
where version_rank = 1
union all
select
    release_date,
    code,
    practitioner_mue as mue_units,
    cast(practitioner_mai as varchar) as adjudication_indicator,
    rationale,
    'seed' as release_source
from seeded
where practitioner_mue is not null
