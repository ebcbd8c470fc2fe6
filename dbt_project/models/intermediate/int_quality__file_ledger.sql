-- findings and waivers are commits of our own, not files; a file nobody could read has no kind
with inputs as (
    select * from {{ source('raw', 'ledger_input') }}
    where coalesce(input_kind, '') not in ('findings', 'waiver')
),

commits as (
    select * from {{ source('raw', 'ledger_commit') }}
),

payments as (
    select * from {{ ref('int_remit__payments') }}
),

payment_sums as (
    select
        _file_sha256,
        _commit_id,
        count(*) as payment_count,
        count(case when payment_state = 'counted' then 1 end) as counted_payment_count,
        count(case when payment_state = 'held' then 1 end) as held_payment_count,
        sum(payment_amount) as payment_amount,
        sum(case when payment_state = 'counted' then payment_amount else 0 end) as counted_payment_amount
    from payments
    group by _file_sha256, _commit_id
),

repaired as (
    select
        _file_sha256,
        _commit_id,
        count(*) as repaired_value_count
    from {{ ref('stg_ehr__repaired_values') }}
    group by _file_sha256, _commit_id
),

final as (
    select
        {{ surrogate_key(['inputs.file_sha256', 'inputs.commit_number', 'inputs.landing_path']) }}
            as file_input_key,
        inputs.file_sha256,
        cast(inputs.commit_number as bigint) as commit_number,
        inputs.input_kind,
        inputs.status as input_status,
        nullif(inputs.reason_code, '') as reason_code,
        inputs.is_active,
        inputs.reader,
        inputs.reader_version,
        inputs.profile,
        inputs.profile_version,
        cast(inputs.size_bytes as bigint) as size_bytes,
        cast(inputs.quarantined_rows as bigint) as quarantined_row_count,
        case
            when inputs.status = 'committed' and inputs.profile <> ''
                then coalesce(repaired.repaired_value_count, 0)
        end as repaired_value_count,
        cast(
            cast(
                nullif(cast(commits.committed_at as varchar), '') as timestamptz
            ) at time zone 'UTC' as timestamp
        ) as committed_at,
        cast(payment_sums.payment_count as integer) as payment_count,
        cast(payment_sums.counted_payment_count as integer) as counted_payment_count,
        cast(payment_sums.held_payment_count as integer) as held_payment_count,
        {{ money_amount('payment_sums.payment_amount') }} as payment_amount,
        {{ money_amount('payment_sums.counted_payment_amount') }} as counted_payment_amount
    from inputs
    left join commits on inputs.commit_number = commits.commit_number
    left join payment_sums
        on
            inputs.file_sha256 = payment_sums._file_sha256
            and inputs.commit_id = payment_sums._commit_id
            and inputs.status = 'committed'
    left join repaired
        on
            inputs.file_sha256 = repaired._file_sha256
            and inputs.commit_id = repaired._commit_id
)

select * from final
