{%- set tables = {
    'remittance': 'stg_remit__remittances',
    'remit_claim': 'stg_remit__claims',
    'remit_service_line': 'stg_remit__service_lines',
    'remit_adjustment': 'stg_remit__adjustments',
    'remit_remark': 'stg_remit__remarks',
    'remit_provider_adjustment': 'stg_remit__provider_adjustments',
    'remit_reference': 'stg_remit__references',
    'remit_date': 'stg_remit__dates',
    'remit_amount': 'stg_remit__amounts',
    'remit_party': 'stg_remit__parties',
    'remit_issue': 'stg_remit__issues',
    'remit_segment_other': 'stg_remit__segments_other',
} -%}

-- Guards: each row of an 835 the raw store committed is staged once. Commits with inputs read anew or
-- rejected later are left out: their rows are gone from staging on purpose.
with superseded as (
    select distinct commit_id
    from {{ source('raw', 'ledger_input') }}
    where status = 'committed' and not is_active
),

committed as (
    select
        commit_id,
        table_name,
        sum(row_count) as row_count
    from {{ source('raw', 'ledger_data_file') }}
    group by commit_id, table_name
),

staged as (
    {% for table_name, model in tables.items() -%}
        select
            _commit_id as commit_id,
            '{{ table_name }}' as table_name,
            count(*) as row_count
        from {{ ref(model) }}
        group by _commit_id
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    coalesce(committed.commit_id, staged.commit_id) as commit_id,
    coalesce(committed.table_name, staged.table_name) as table_name,
    committed.row_count,
    staged.row_count as staged_row_count
from committed
full outer join staged
    on
        committed.commit_id = staged.commit_id
        and committed.table_name = staged.table_name
left join superseded on coalesce(committed.commit_id, staged.commit_id) = superseded.commit_id
where
    superseded.commit_id is null
    and (staged.table_name is not null or substr(committed.table_name, 1, 5) = 'remit')
    and coalesce(committed.row_count, 0) <> coalesce(staged.row_count, 0)
