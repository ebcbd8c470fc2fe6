with sales as (
    select
        cash_sales.*,
        coalesce(cash_sales.session_count, case when cash_sales.sale_kind = 'session_used' then 1 end)
            as moved_session_count,
        -- a refund may be written with or without a minus
        abs(cash_sales.sale_amount) as moved_amount,
        coalesce(
            {{ surrogate_key(['cash_sales.clinic_id', 'cash_sales.package_id']) }},
            {{ surrogate_key(['cash_sales.clinic_id', "'sale'", 'cash_sales.sale_id']) }}
        ) as package_key
    from {{ ref('int_ehr__cash_sales') }} as cash_sales
),

-- sessions or money nobody stated make the sum of their kind unknown
summed as (
    select
        package_key,
        patient_key,
        clinic_id,
        package_id,
        min(case when sale_kind = 'package_sold' then sold_date end) as sold_date,
        max(case when sale_kind = 'session_used' then sold_date end) as last_used_date,
        {% for kind in ['package_sold', 'session_used', 'refund'] -%}
            case
                when count(case when sale_kind = '{{ kind }}' and moved_session_count is null then 1 end) = 0
                    then coalesce(sum(case when sale_kind = '{{ kind }}' then moved_session_count end), 0)
            end as {{ kind }}_session_count,
        {% endfor -%}
        {% for kind in ['package_sold', 'refund'] -%}
            case
                when count(case when sale_kind = '{{ kind }}' and moved_amount is null then 1 end) = 0
                    then coalesce(sum(case when sale_kind = '{{ kind }}' then moved_amount end), 0)
            end as {{ kind }}_amount,
        {% endfor -%}
        count(case when is_superbill_given then 1 end) as superbill_count
    from sales
    group by package_key, patient_key, clinic_id, package_id
),

counted as (
    select
        summed.*,
        summed.package_sold_session_count
        - summed.session_used_session_count
        - coalesce(summed.refund_session_count, 0)
            as left_session_count
    from summed
),

final as (
    select
        package_key,
        patient_key,
        clinic_id,
        package_id,
        sold_date,
        last_used_date,
        case
            when left_session_count is null then 'unknown'
            when left_session_count > 0 then 'open'
            when left_session_count < 0 then 'overdrawn'
            else 'used_up'
        end as package_state,
        cast(package_sold_session_count as integer) as sold_session_count,
        cast(session_used_session_count as integer) as used_session_count,
        cast(refund_session_count as integer) as refunded_session_count,
        cast(left_session_count as integer) as left_session_count,
        {{ money_amount('package_sold_amount') }} as sold_amount,
        {{ money_amount('refund_amount') }} as refunded_amount,
        {{ money_amount('package_sold_amount - refund_amount') }} as kept_amount,
        -- each session of a package is worth the same share of its price
        {{ money_amount(
            'round(package_sold_amount * session_used_session_count / nullif(package_sold_session_count, 0), 2)'
        ) }} as used_amount,
        cast(superbill_count as integer) as superbill_count
    from counted
)

select
    final.*,
    {{ money_amount('final.kept_amount - final.used_amount') }} as balance_amount
from final
