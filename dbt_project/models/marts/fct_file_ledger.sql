with file_inputs as (
    select * from {{ ref('int_quality__file_ledger') }}
),

final as (
    select
        file_input_key,
        file_sha256,
        commit_number,
        input_kind,
        input_status,
        reason_code,
        is_active,
        reader,
        reader_version,
        profile,
        profile_version,
        size_bytes,
        quarantined_row_count,
        repaired_value_count,
        committed_at,
        payment_count,
        counted_payment_count,
        held_payment_count,
        payment_amount,
        counted_payment_amount
    from file_inputs
)

select * from final
