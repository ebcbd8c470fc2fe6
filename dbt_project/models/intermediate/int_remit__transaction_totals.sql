with payments as (
    select * from {{ ref('int_remit__payments') }}
),

claims as (
    select
        _file_sha256,
        st_index,
        count(*) as claim_count,
        sum(charge_amount) as claim_charge_amount,
        sum(paid_amount) as claim_paid_amount,
        sum(case when is_positive_reversal then charge_amount else 0 end) as reversed_charge_amount,
        sum(case when is_positive_reversal then paid_amount else 0 end) as reversed_paid_amount,
        sum(unexplained_amount) as claim_unexplained_amount,
        count(case when unexplained_amount <> 0 then 1 end) as unbalanced_claim_count,
        count(case when charge_amount is null or paid_amount is null then 1 end) as unreadable_claim_count
    from {{ ref('stg_remit__claims') }}
    group by _file_sha256, st_index
),

service_lines as (
    select
        _file_sha256,
        st_index,
        count(*) as line_count,
        sum(charge_amount) as line_charge_amount,
        sum(paid_amount) as line_paid_amount,
        sum(unexplained_amount) as line_unexplained_amount,
        count(case when unexplained_amount <> 0 then 1 end) as unbalanced_line_count
    from {{ ref('stg_remit__service_lines') }}
    group by _file_sha256, st_index
),

adjustments as (
    select
        _file_sha256,
        st_index,
        sum(adjustment_amount) as adjustment_amount
    from {{ ref('stg_remit__adjustments') }}
    where not is_repeat
    group by _file_sha256, st_index
),

provider_adjustments as (
    select
        _file_sha256,
        st_index,
        count(*) as provider_adjustment_count,
        sum(adjustment_amount) as provider_adjustment_amount
    from {{ ref('stg_remit__provider_adjustments') }}
    group by _file_sha256, st_index
),

issues as (
    select
        _file_sha256,
        st_index,
        count(*) as issue_count,
        count(case when severity = 'error' then 1 end) as error_issue_count
    from {{ ref('stg_remit__issues') }}
    where st_index is not null
    group by _file_sha256, st_index
),

summed as (
    select
        payments.transaction_key,
        payments.payment_amount,
        cast(coalesce(claims.claim_count, 0) as integer) as claim_count,
        cast(coalesce(service_lines.line_count, 0) as integer) as line_count,
        cast(coalesce(provider_adjustments.provider_adjustment_count, 0) as integer)
            as provider_adjustment_count,
        cast(coalesce(issues.issue_count, 0) as integer) as issue_count,
        cast(coalesce(issues.error_issue_count, 0) as integer) as error_issue_count,
        cast(coalesce(claims.unbalanced_claim_count, 0) as integer) as unbalanced_claim_count,
        cast(coalesce(claims.unreadable_claim_count, 0) as integer) as unreadable_claim_count,
        cast(coalesce(service_lines.unbalanced_line_count, 0) as integer) as unbalanced_line_count,
        {{ money_amount(
            'coalesce(claims.claim_charge_amount, 0)'
            ~ ' - case when payments.is_reversal_sign_repaired then 2 * claims.reversed_charge_amount else 0 end'
        ) }} as claim_charge_amount,
        {{ money_amount(
            'coalesce(claims.claim_paid_amount, 0)'
            ~ ' - case when payments.is_reversal_sign_repaired then 2 * claims.reversed_paid_amount else 0 end'
        ) }} as claim_paid_amount,
        {{ money_amount('coalesce(adjustments.adjustment_amount, 0)') }} as adjustment_amount,
        {{ money_amount('coalesce(provider_adjustments.provider_adjustment_amount, 0)') }}
            as provider_adjustment_amount,
        {{ money_amount('coalesce(claims.claim_unexplained_amount, 0)') }} as claim_unexplained_amount,
        {{ money_amount('coalesce(service_lines.line_unexplained_amount, 0)') }} as line_unexplained_amount
    from payments
    left join claims
        on
            payments._file_sha256 = claims._file_sha256
            and payments.st_index = claims.st_index
    left join service_lines
        on
            payments._file_sha256 = service_lines._file_sha256
            and payments.st_index = service_lines.st_index
    left join adjustments
        on
            payments._file_sha256 = adjustments._file_sha256
            and payments.st_index = adjustments.st_index
    left join provider_adjustments
        on
            payments._file_sha256 = provider_adjustments._file_sha256
            and payments.st_index = provider_adjustments.st_index
    left join issues
        on
            payments._file_sha256 = issues._file_sha256
            and payments.st_index = issues.st_index
),

final as (
    select
        summed.*,
        {{ money_amount(
            'summed.payment_amount - summed.claim_paid_amount + summed.provider_adjustment_amount'
        ) }} as unexplained_amount
    from summed
)

select * from final
