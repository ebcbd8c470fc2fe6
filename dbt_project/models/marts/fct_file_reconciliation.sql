{%- set row_counts = [
    'remittance', 'claim', 'line', 'adjustment', 'provider_adjustment', 'reference', 'date', 'amount', 'party',
    'remark', 'issue', 'other_segment'
] %}

with files as (
    select * from {{ ref('int_quality__file_ledger') }}
    where is_active
),

counts as (
    select * from {{ ref('int_remit__file_counts') }}
),

final as (
    select
        {{ surrogate_key(['files.file_sha256']) }} as file_key,
        files.size_bytes,
        counts.segment_count,
        counts.transaction_segment_count,
        counts.outside_segment_count,
        counts.segment_count - counts.transaction_segment_count - counts.outside_segment_count
            as unexplained_segment_count,
        counts.is_truncated,
        {%- for name in row_counts %}
            counts.{{ name }}_row_count,
        {%- endfor %}
        counts.claim_count_read - counts.claim_row_count as claim_row_difference,
        {{ money_cents('counts.claim_difference_amount') }} as claim_difference_cents,
        {{ money_cents('counts.provider_difference_amount') }} as provider_difference_cents,
        files.file_sha256
    from files
    inner join counts on files.file_sha256 = counts._file_sha256
)

select * from final
