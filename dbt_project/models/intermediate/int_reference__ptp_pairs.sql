{{ config(materialized='table') }}

-- a whole table has millions of pairs; those of codes nobody bills here cannot meet on a claim
with practice_codes as (
    select code from {{ ref('code_reference') }}
    where code_system in ('CPT', 'HCPCS')
    union
    select {{ normalised_code('procedure_code') }} as code from {{ ref('stg_ehr__claim_lines') }}
    union
    select {{ normalised_code('procedure_code') }} as code from {{ ref('stg_billed__claim_lines') }}
),

delivered as (
    select
        pairs.*,
        row_number() over (
            partition by pairs.release_date, pairs.column_1_code, pairs.column_2_code, pairs.effective_date
            order by pairs._exported_at desc nulls last, pairs._file_sha256 desc, pairs._row_number desc
        ) as version_rank
    from {{ ref('stg_reference__ptp_pairs') }} as pairs
    where
        pairs.column_1_code in (select practice_codes.code from practice_codes)
        and pairs.column_2_code in (select practice_codes.code from practice_codes)
),

seeded as (
    select
        seeds.*,
        releases.release_date
    from {{ ref('ncci_ptp_extract') }} as seeds
    inner join {{ ref('int_reference__releases') }} as releases
        on
            releases.reference_table = 'ptp_practitioner'
            and releases.release_source = 'seed'
            and seeds.table_date between releases.release_date and releases.covers_to_date
)

select
    release_date,
    column_1_code,
    column_2_code,
    effective_date,
    deletion_date,
    modifier_indicator,
    rationale,
    'loaded' as release_source
from delivered
where
    version_rank = 1
    -- deleted back to its first day: CMS writes the same day twice, the pair never held
    and (deletion_date is null or effective_date is null or deletion_date > effective_date)
union all
select
    release_date,
    column_1_code,
    column_2_code,
    cast(null as date) as effective_date,
    cast(null as date) as deletion_date,
    modifier_indicator,
    rationale,
    'seed' as release_source
from seeded
