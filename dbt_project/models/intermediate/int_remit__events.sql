{{ config(materialized='table') }}

with items as (
    select * from {{ ref('int_remit__adjudicated_items') }}
),

counted_payments as (
    select * from {{ ref('int_remit__payments') }}
    where payment_state = 'counted'
),

provider_adjustments as (
    select * from {{ ref('stg_remit__provider_adjustments') }}
),

our_claims as (
    select * from {{ ref('int_ehr__claims') }}
),

standing as (
    select
        items.*,
        items.event_type = 'adjudication' and not items.is_reversed as stands
    from items
),

-- A later adjudication of the same service, or of the claim as a whole, takes an earlier one's place.
lasts as (
    select
        standing.*,
        max(case when standing.stands then standing.chain_position end) over (
            partition by standing.chain_key, standing.service_group_key
        ) as last_of_service,
        max(case when standing.stands and not standing.has_service_lines then standing.chain_position end)
            over (
                partition by standing.chain_key
            ) as last_whole_claim,
        max(case when standing.stands then standing.chain_position end)
            over (partition by standing.chain_key)
            as last_of_chain
    from standing
),

adjudicated as (
    select
        lasts.*,
        lasts.stands and (
            lasts.chain_position < lasts.last_of_service
            or lasts.chain_position < coalesce(lasts.last_whole_claim, 0)
            or (lasts.event_level = 'claim' and lasts.chain_position < lasts.last_of_chain)
            or coalesce(not our_claims.is_standing, false)
        ) as is_superseded
    from lasts
    left join our_claims on lasts.claim_key = our_claims.claim_key
),

claim_events as (
    select
        adjudicated.remit_event_key,
        adjudicated.payment_key,
        adjudicated.event_level,
        adjudicated.event_type,
        adjudicated.remit_claim_key,
        adjudicated.remit_line_key,
        adjudicated.claim_key,
        adjudicated.claim_line_key,
        adjudicated.chain_key,
        adjudicated.chain_position,
        adjudicated.service_group_key,
        adjudicated.has_service_lines,
        adjudicated.procedure_code,
        adjudicated.service_from_date,
        adjudicated.charge_amount,
        adjudicated.paid_amount,
        adjudicated.decided_paid_amount,
        adjudicated.adjustment_amount,
        adjudicated.contractual_amount,
        adjudicated.patient_responsibility_amount,
        adjudicated.denial_amount,
        adjudicated.prior_payer_amount,
        adjudicated.other_amount,
        adjudicated.unclassified_amount,
        adjudicated.patient_group_amount,
        adjudicated.unexplained_amount,
        adjudicated.allowed_amount,
        adjudicated.allowed_sent_amount,
        {{ money_amount('0') }} as provider_adjustment_amount,
        cast(null as varchar) as provider_adjustment_code,
        adjudicated.denial_carc,
        adjudicated.denial_group_code,
        adjudicated.denial_category,
        adjudicated.is_reversed,
        adjudicated.is_superseded,
        adjudicated.stands and not adjudicated.is_superseded as is_final,
        -- design 4.8: paid 0, not explained by patient share, at least one CARC classed denial
        case
            when
                not adjudicated.stands or adjudicated.is_superseded or adjudicated.denial_amount <= 0
                then 'none'
            when
                adjudicated.decided_paid_amount = 0 and adjudicated.patient_responsibility_amount <= 0
                then 'full'
            else 'partial'
        end as denial_extent
    from adjudicated
),

provider_events as (
    select
        {{ surrogate_key(["'payment'", 'counted_payments.payment_key', 'provider_adjustments.sequence']) }}
            as remit_event_key,
        counted_payments.payment_key,
        'payment' as event_level,
        'provider_adjustment' as event_type,
        cast(null as varchar) as remit_claim_key,
        cast(null as varchar) as remit_line_key,
        cast(null as varchar) as claim_key,
        cast(null as varchar) as claim_line_key,
        cast(null as varchar) as chain_key,
        cast(null as integer) as chain_position,
        cast(null as varchar) as service_group_key,
        false as has_service_lines,
        cast(null as varchar) as procedure_code,
        cast(null as date) as service_from_date,
        {% for name in [
            'charge', 'paid', 'decided_paid', 'adjustment', 'contractual', 'patient_responsibility', 'denial',
            'prior_payer', 'other', 'unclassified', 'patient_group', 'unexplained'
        ] -%}
            {{ money_amount('0') }} as {{ name }}_amount,
        {% endfor -%}
        cast(null as decimal(18, 2)) as allowed_amount,
        cast(null as decimal(18, 2)) as allowed_sent_amount,
        {{ money_amount('coalesce(provider_adjustments.adjustment_amount, 0)') }}
            as provider_adjustment_amount,
        provider_adjustments.reason_code as provider_adjustment_code,
        cast(null as varchar) as denial_carc,
        cast(null as varchar) as denial_group_code,
        cast(null as varchar) as denial_category,
        false as is_reversed,
        false as is_superseded,
        true as is_final,
        'none' as denial_extent
    from counted_payments
    inner join provider_adjustments
        on
            counted_payments._file_sha256 = provider_adjustments._file_sha256
            and counted_payments.st_index = provider_adjustments.st_index
),

unioned as (
    select * from claim_events
    union all
    select * from provider_events
),

final as (
    select
        unioned.*,
        -- PLB is inverted: a positive amount lowers the payment
        {{ money_amount('unioned.paid_amount - unioned.provider_adjustment_amount') }} as cash_amount,
        counted_payments.payment_date as event_date,
        counted_payments.payer_id,
        counted_payments.payee_id
    from unioned
    inner join counted_payments on unioned.payment_key = counted_payments.payment_key
)

select * from final
