with dates_seen as (
    select service_date as seen_date from {{ ref('int_ehr__claim_lines') }}
    union all
    select payment_date as seen_date from {{ ref('int_remit__payments') }}
    union all
    select {{ as_of_date() }} as seen_date
),

-- whole calendar years, so that a month is never cut short; a misread century does not make a million rows
bounds as (
    select
        cast(date_trunc('year', min(seen_date)) as date) as first_date,
        cast(date_trunc('year', max(seen_date)) + interval 1 year - interval 1 day as date) as last_date
    from dates_seen
    where seen_date between {{ as_of_date() }} - interval 20 year and {{ as_of_date() }} + interval 5 year
),

days as (
    {{ money_days('bounds', 'first_date', 'last_date') }}
),

final as (
    select
        calendar_date,
        cast(extract(year from calendar_date) as integer) as calendar_year,
        cast(extract(quarter from calendar_date) as integer) as calendar_quarter,
        cast(extract(month from calendar_date) as integer) as calendar_month,
        cast(date_trunc('month', calendar_date) as date) as month_start_date,
        cast(date_trunc('week', calendar_date) as date) as week_start_date,
        calendar_date <= {{ as_of_date() }} as is_past
    from days
)

select * from final
