{{ config(materialized='table') }}

with events as (
    select * from {{ ref('int_remit__events') }}
    where claim_key is not null
),

our_lines as (
    select * from {{ ref('int_ehr__claim_lines') }}
),

bundles as (
    select * from {{ ref('int_remit__line_bundles') }}
),

chains as (
    select * from {{ ref('int_remit__claim_chains') }}
),

payments as (
    select * from {{ ref('int_remit__payments') }}
),

inputs as (
    select * from {{ source('raw', 'ledger_input') }}
),

adjustments as (
    select * from {{ ref('int_remit__adjustments') }}
    where adjustment_bucket = 'denial'
),

-- When a payment could be known: the earlier of its two dates, and the first commit that held any copy of it.
-- A copy read again keeps its first commit.
first_commits as (
    select
        file_sha256,
        min(commit_number) as commit_number
    from inputs
    group by file_sha256
),

arrivals as (
    select
        payments.payment_key,
        min(least(payments.payment_date, coalesce(payments.production_date, payments.payment_date)))
            as arrived_date,
        min(first_commits.commit_number) as commit_number
    from payments
    left join first_commits on payments._file_sha256 = first_commits.file_sha256
    group by payments.payment_key
),

denial_codes as (
    select
        remit_claim_key,
        remit_line_key,
        string_agg(distinct carc, '|' order by carc) as carcs
    from adjustments
    group by remit_claim_key, remit_line_key
),

reversals as (
    select
        chains.reverses_remit_claim_key as remit_claim_key,
        min(arrivals.arrived_date) as reversed_date
    from chains
    inner join arrivals on chains.payment_key = arrivals.payment_key
    where chains.reverses_remit_claim_key is not null
    group by chains.reverses_remit_claim_key
),

numbered_lines as (
    select
        claim_key,
        claim_line_key,
        count(*) over (partition by claim_key) as line_count
    from our_lines
),

final as (
    select
        numbered_lines.claim_line_key,
        numbered_lines.claim_key,
        events.remit_event_key,
        events.chain_key,
        events.chain_position,
        events.event_date as answer_date,
        arrivals.arrived_date,
        arrivals.commit_number,
        reversals.reversed_date,
        events.denial_amount > 0 as is_denied,
        {{ money_amount('greatest(events.denial_amount, 0)') }} as denial_amount,
        denial_codes.carcs as denial_carcs
    from events
    inner join numbered_lines on events.claim_key = numbered_lines.claim_key
    left join arrivals on events.payment_key = arrivals.payment_key
    left join reversals on events.remit_claim_key = reversals.remit_claim_key
    left join bundles
        on
            events.remit_line_key = bundles.remit_line_key
            and numbered_lines.claim_line_key = bundles.claim_line_key
    left join denial_codes
        on
            events.remit_claim_key = denial_codes.remit_claim_key
            and events.remit_line_key is not distinct from denial_codes.remit_line_key
    where
        events.event_type = 'adjudication'
        and (
            events.claim_line_key = numbered_lines.claim_line_key
            or bundles.claim_line_key is not null
            -- an answer to the whole claim answers every line of it
            or (
                events.claim_line_key is null
                and events.event_level = 'claim'
                and (
                    numbered_lines.line_count = 1
                    or not events.has_service_lines
                    or events.denial_amount > 0
                )
            )
        )
)

select * from final
