{{ config(materialized='table') }}

with loaded as (
    select
        reference_table,
        release_date,
        max(covers_to_date) as covers_to_date,
        sum(row_count) as row_count,
        'loaded' as release_source,
        md5(string_agg(_file_sha256 || _commit_id, '' order by _file_sha256, _commit_id)) as content_hash
    from {{ ref('stg_reference__releases') }}
    group by reference_table, release_date
),

seeded as (
    {% for reference_table, seed in
        {'ptp_practitioner': 'ncci_ptp_extract', 'mue_practitioner': 'mue_extract'}.items() -%}
        select
            '{{ reference_table }}' as reference_table,
            cast(date_trunc('quarter', table_date) as date) as release_date,
            cast(date_trunc('quarter', table_date) + interval '3 months' - interval '1 day' as date)
                as covers_to_date,
            count(*) as row_count,
            'seed' as release_source,
            cast(null as varchar) as content_hash
        from {{ ref(seed) }}
        group by date_trunc('quarter', table_date)
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- the whole table of a quarter stands in place of the extract of it
counted as (
    select * from loaded
    union all
    select seeded.*
    from seeded
    left join loaded
        on
            seeded.reference_table = loaded.reference_table
            and seeded.release_date = loaded.release_date
    where loaded.reference_table is null
),

neighbours as (
    select
        counted.*,
        lag(counted.release_date)
            over (partition by counted.reference_table order by counted.release_date)
            as earlier_date,
        lag(counted.covers_to_date)
            over (partition by counted.reference_table order by counted.release_date)
            as earlier_covers_to_date,
        lead(counted.release_date)
            over (partition by counted.reference_table order by counted.release_date)
            as later_date
    from counted
)

-- days without a release of their own are answered by the next one, days after the last one by it
select
    neighbours.reference_table,
    neighbours.release_date,
    neighbours.covers_to_date,
    case
        when neighbours.earlier_date is not null
            then
                least(
                    neighbours.release_date,
                    coalesce(neighbours.earlier_covers_to_date + 1, neighbours.release_date)
                )
    end as answers_from_date,
    case
        when neighbours.later_date is not null
            then
                least(
                    neighbours.later_date - 1,
                    coalesce(neighbours.covers_to_date, neighbours.later_date - 1)
                )
    end as answers_to_date,
    cast(neighbours.row_count as bigint) as row_count,
    neighbours.release_source,
    neighbours.content_hash
from neighbours
