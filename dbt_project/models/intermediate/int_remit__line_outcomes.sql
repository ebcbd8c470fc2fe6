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

numbered_lines as (
    select
        claim_key,
        claim_line_key,
        count(*) over (partition by claim_key) as line_count
    from our_lines
),

-- A result for a whole claim is the result of its line when it has one; when it refuses the claim it is the
-- result of every line; otherwise what each line received is unknown. A bundle is a whole of its lines.
line_results as (
    select
        numbered_lines.claim_key,
        numbered_lines.claim_line_key,
        events.remit_event_key,
        events.remit_claim_key,
        events.event_date,
        events.event_type,
        events.payer_id,
        events.is_reversed,
        events.is_final,
        events.denial_extent,
        events.denial_carc,
        events.denial_group_code,
        events.denial_category,
        coalesce(events.claim_line_key = numbered_lines.claim_line_key, false)
        or numbered_lines.line_count = 1 as is_of_line,
        events.charge_amount,
        events.paid_amount,
        events.contractual_amount,
        events.patient_responsibility_amount,
        events.denial_amount,
        events.prior_payer_amount,
        events.allowed_amount
    from events
    inner join numbered_lines on events.claim_key = numbered_lines.claim_key
    left join bundles
        on
            events.remit_line_key = bundles.remit_line_key
            and numbered_lines.claim_line_key = bundles.claim_line_key
    where
        events.claim_line_key = numbered_lines.claim_line_key
        or bundles.claim_line_key is not null
        or (
            events.claim_line_key is null
            and events.event_level = 'claim'
            and (
                numbered_lines.line_count = 1
                or not events.has_service_lines
                or events.denial_extent = 'full'
            )
        )
),

-- a line told in several is allowed what they are allowed together
answers as (
    select
        line_results.*,
        sum(case when line_results.is_of_line and line_results.is_final then line_results.allowed_amount end)
            over (partition by line_results.claim_line_key, line_results.remit_claim_key)
            as answer_allowed_amount
    from line_results
),

totals as (
    select
        claim_key,
        claim_line_key,
        count(case when is_of_line then 1 end) as own_result_count,
        count(case when is_final and not is_of_line and denial_extent = 'full' then 1 end)
            as whole_refusal_count,
        count(case when is_final and not is_of_line and denial_extent <> 'full' then 1 end)
            as whole_result_count,
        count(case when is_final then 1 end) as final_count,
        count(case when is_reversed then 1 end) as reversed_count,
        count(case when is_final and denial_extent = 'full' then 1 end) as full_denial_count,
        count(case when is_final and denial_extent = 'partial' then 1 end) as partial_denial_count,
        sum(case when is_of_line then paid_amount end) as paid_amount,
        max(case when is_of_line and is_final then answer_allowed_amount end) as allowed_amount,
        sum(case when is_of_line and is_final then contractual_amount end) as contractual_amount,
        sum(case when is_of_line and is_final then patient_responsibility_amount end)
            as patient_responsibility_amount,
        sum(case when is_of_line and is_final then denial_amount end) as denial_amount,
        min(case when event_type = 'adjudication' then event_date end) as first_adjudicated_date,
        max(event_date) as last_event_date,
        count(distinct payer_id) as payer_count
    from answers
    group by claim_key, claim_line_key
),

denials_ranked as (
    select
        claim_line_key,
        denial_carc,
        denial_group_code,
        denial_category,
        row_number() over (
            partition by claim_line_key
            order by
                case when denial_extent = 'full' then 0 else 1 end, event_date nulls last, remit_event_key
        ) as denial_rank
    from line_results
    where is_final and denial_extent <> 'none'
),

final as (
    select
        totals.claim_line_key,
        totals.claim_key,
        case when totals.own_result_count > 0 then 'line' else 'claim' end as outcome_basis,
        totals.final_count > 0 as is_adjudicated,
        totals.reversed_count > 0 and totals.final_count = 0 as is_reversed,
        totals.full_denial_count > 0
        and (coalesce(totals.paid_amount, 0) <= 0 or totals.whole_refusal_count > 0) as is_denied,
        totals.partial_denial_count > 0
        or (totals.full_denial_count > 0 and totals.paid_amount > 0 and totals.whole_refusal_count = 0)
            as is_partially_denied,
        -- null: a larger claim was paid as a whole, so what this line received is unknown
        case
            when
                totals.own_result_count > 0
                then coalesce(totals.paid_amount, 0) > 0 and totals.whole_refusal_count = 0
            when totals.whole_result_count = 0 then false
        end as is_paid,
        {{ money_amount('totals.paid_amount') }} as paid_amount,
        {{ money_amount('totals.allowed_amount') }} as allowed_amount,
        {{ money_amount('totals.contractual_amount') }} as contractual_amount,
        {{ money_amount('totals.patient_responsibility_amount') }} as patient_responsibility_amount,
        {{ money_amount('totals.denial_amount') }} as denial_amount,
        denials_ranked.denial_carc,
        denials_ranked.denial_group_code,
        denials_ranked.denial_category,
        totals.first_adjudicated_date,
        totals.last_event_date,
        cast(totals.payer_count as integer) as payer_count
    from totals
    left join denials_ranked
        on
            totals.claim_line_key = denials_ranked.claim_line_key
            and denials_ranked.denial_rank = 1
)

select * from final
