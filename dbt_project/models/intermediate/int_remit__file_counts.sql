{%- set tables = {
    'claim': 'stg_remit__claims',
    'line': 'stg_remit__service_lines',
    'adjustment': 'stg_remit__adjustments',
    'provider_adjustment': 'stg_remit__provider_adjustments',
    'reference': 'stg_remit__references',
    'date': 'stg_remit__dates',
    'amount': 'stg_remit__amounts',
    'party': 'stg_remit__parties',
    'remark': 'stg_remit__remarks',
    'issue': 'stg_remit__issues',
    'other_segment': 'stg_remit__segments_other',
} -%}

with remittances as (
    select
        _file_sha256,
        count(*) as remittance_row_count,
        sum(segment_count) as transaction_segment_count,
        sum(claim_count) as claim_count_read,
        sum(claim_paid_amount) as claim_paid_amount_read,
        sum(provider_adjustment_amount) as provider_adjustment_amount_read
    from {{ ref('stg_remit__remittances') }}
    group by _file_sha256
),

every_row as (
    {% for name, model in tables.items() -%}
        select
            _file_sha256,
            '{{ name }}' as table_name
        from {{ ref(model) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

row_counts as (
    select
        {% for name in tables -%}
            count(case when table_name = '{{ name }}' then 1 end) as {{ name }}_row_count,
        {% endfor -%}
        _file_sha256
    from every_row
    group by _file_sha256
),

claims as (
    select
        _file_sha256,
        sum(paid_amount) as claim_paid_amount
    from {{ ref('stg_remit__claims') }}
    group by _file_sha256
),

provider_adjustments as (
    select
        _file_sha256,
        sum(adjustment_amount) as provider_adjustment_amount
    from {{ ref('stg_remit__provider_adjustments') }}
    group by _file_sha256
),

-- the trailer of an interchange is always kept as text, so the highest number there counts the segments
kept_segments as (
    select
        _file_sha256,
        max(_segment_number) as segment_count,
        count(case when st_index is null then 1 end) as outside_segment_count
    from {{ ref('stg_remit__segments_other') }}
    group by _file_sha256
),

cut_files as (
    select distinct _file_sha256
    from {{ ref('stg_remit__issues') }}
    where code = 'TRUNCATED'
),

final as (
    select
        remittances._file_sha256,
        kept_segments.segment_count,
        cast(remittances.transaction_segment_count as bigint) as transaction_segment_count,
        kept_segments.outside_segment_count,
        cut_files._file_sha256 is not null as is_truncated,
        remittances.remittance_row_count,
        {% for name in tables -%}
            coalesce(row_counts.{{ name }}_row_count, 0) as {{ name }}_row_count,
        {% endfor -%}
        cast(remittances.claim_count_read as bigint) as claim_count_read,
        {{ money_amount('remittances.claim_paid_amount_read - coalesce(claims.claim_paid_amount, 0)') }}
            as claim_difference_amount,
        {{ money_amount(
            'remittances.provider_adjustment_amount_read'
            ~ ' - coalesce(provider_adjustments.provider_adjustment_amount, 0)'
        ) }} as provider_difference_amount
    from remittances
    left join row_counts on remittances._file_sha256 = row_counts._file_sha256
    left join claims on remittances._file_sha256 = claims._file_sha256
    left join provider_adjustments on remittances._file_sha256 = provider_adjustments._file_sha256
    left join kept_segments on remittances._file_sha256 = kept_segments._file_sha256
    left join cut_files on remittances._file_sha256 = cut_files._file_sha256
)

select * from final
