{{ config(materialized='table') }}

{%- set buckets = [
    'contractual', 'patient_responsibility', 'denial', 'prior_payer', 'other', 'unclassified'
] %}

with remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

chains as (
    select * from {{ ref('int_remit__claim_chains') }}
),

service_lines as (
    select * from {{ ref('int_remit__service_lines') }}
),

-- sequestration and its like cut what is paid, not what is allowed
adjustments as (
    select
        adjustments.*,
        reductions.code is not null as is_cut_of_payment
    from {{ ref('int_remit__adjustments') }} as adjustments
    left join {{ ref('code_group') }} as reductions
        on
            reductions.group_name = 'carc_cut_of_payment'
            and adjustments.carc = reductions.code
),

adjustment_sums as (
    select
        remit_claim_key,
        remit_line_key,
        sum(adjustment_amount) as adjustment_amount,
        {%- for bucket in buckets %}
            sum(case when adjustment_bucket = '{{ bucket }}' then adjustment_amount else 0 end)
                as {{ bucket }}_amount,
        {%- endfor %}
        sum(case when is_patient_group then adjustment_amount else 0 end) as patient_group_amount,
        sum(
            case
                when
                    adjustment_bucket in ('patient_responsibility', 'prior_payer') or is_cut_of_payment
                    then adjustment_amount
                else 0
            end
        ) as allowed_elsewhere_amount
    from adjustments
    group by remit_claim_key, remit_line_key
),

denial_reasons_ranked as (
    select
        remit_claim_key,
        remit_line_key,
        carc,
        group_code,
        denial_category,
        row_number() over (
            partition by remit_claim_key, remit_line_key
            order by abs(adjustment_amount) desc, adjustment_sequence
        ) as reason_rank
    from adjustments
    where adjustment_bucket = 'denial' and adjustment_amount <> 0
),

denial_reasons as (
    select * from denial_reasons_ranked
    where reason_rank = 1
),

line_totals as (
    select
        remit_claim_key,
        sum(charge_amount) as charge_amount,
        sum(paid_amount) as paid_amount
    from service_lines
    group by remit_claim_key
),

line_items as (
    select
        remit_claim_key,
        remit_line_key,
        'line' as event_level,
        claim_line_key,
        line_control_number,
        billed_procedure_code,
        procedure_code,
        service_from_date,
        charge_amount,
        paid_amount,
        paid_amount as decided_paid_amount,
        allowed_sent_amount
    from service_lines
),

claims_adjusted as (
    select distinct remit_claim_key
    from adjustments
    where remit_line_key is null
),

-- what the claim says beyond its lines: the whole claim where it has none
claim_items as (
    select
        remit_claims.remit_claim_key,
        cast(null as varchar) as remit_line_key,
        'claim' as event_level,
        cast(null as varchar) as claim_line_key,
        cast(null as varchar) as line_control_number,
        cast(null as varchar) as billed_procedure_code,
        cast(null as varchar) as procedure_code,
        remit_claims.statement_from_date as service_from_date,
        remit_claims.charge_amount - coalesce(line_totals.charge_amount, 0) as charge_amount,
        remit_claims.paid_amount - coalesce(line_totals.paid_amount, 0) as paid_amount,
        remit_claims.paid_amount as decided_paid_amount,
        cast(null as decimal(18, 2)) as allowed_sent_amount
    from remit_claims
    left join line_totals on remit_claims.remit_claim_key = line_totals.remit_claim_key
    left join claims_adjusted on remit_claims.remit_claim_key = claims_adjusted.remit_claim_key
    where
        not remit_claims.has_service_lines
        or claims_adjusted.remit_claim_key is not null
        or remit_claims.charge_amount <> coalesce(line_totals.charge_amount, 0)
        or remit_claims.paid_amount <> coalesce(line_totals.paid_amount, 0)
),

items as (
    select * from line_items
    union all
    select * from claim_items
),

final as (
    select
        {{ row_hash(['items.event_level', 'items.remit_claim_key', 'items.remit_line_key']) }}
            as remit_event_key,
        items.event_level,
        chains.claim_role as event_type,
        items.remit_claim_key,
        items.remit_line_key,
        chains.payment_key,
        chains.claim_key,
        items.claim_line_key,
        chains.chain_key,
        chains.chain_position,
        chains.is_reversed,
        remit_claims.has_service_lines,
        -- the same service told twice within one chain
        case
            when items.event_level = 'claim' then {{ row_hash(['chains.chain_key', "'claim'"]) }}
            when items.claim_line_key is not null then items.claim_line_key
            when items.line_control_number is not null
                then {{ row_hash(['chains.chain_key', "'control'", 'items.line_control_number']) }}
            else {{ row_hash([
                'chains.chain_key', "'service'", 'items.billed_procedure_code', 'items.service_from_date',
                'abs(items.charge_amount)'
            ]) }}
        end as service_group_key,
        items.procedure_code,
        items.service_from_date,
        {{ money_amount('items.charge_amount') }} as charge_amount,
        {{ money_amount('items.paid_amount') }} as paid_amount,
        {{ money_amount('items.decided_paid_amount') }} as decided_paid_amount,
        {{ money_amount('coalesce(adjustment_sums.adjustment_amount, 0)') }} as adjustment_amount,
        {%- for bucket in buckets %}
            {{ money_amount('coalesce(adjustment_sums.' ~ bucket ~ '_amount, 0)') }} as {{ bucket }}_amount,
        {%- endfor %}
        {{ money_amount('coalesce(adjustment_sums.patient_group_amount, 0)') }} as patient_group_amount,
        {{ money_amount(
            'items.charge_amount - coalesce(adjustment_sums.adjustment_amount, 0) - items.paid_amount'
        ) }} as unexplained_amount,
        -- x12_835 §5: paid + patient share + what a prior payer took care of; sequestration added back
        {{ money_amount('items.paid_amount + coalesce(adjustment_sums.allowed_elsewhere_amount, 0)') }}
            as allowed_amount,
        items.allowed_sent_amount,
        denial_reasons.carc as denial_carc,
        denial_reasons.group_code as denial_group_code,
        denial_reasons.denial_category
    from items
    inner join chains on items.remit_claim_key = chains.remit_claim_key
    inner join remit_claims on items.remit_claim_key = remit_claims.remit_claim_key
    left join adjustment_sums
        on
            items.remit_claim_key = adjustment_sums.remit_claim_key
            and items.remit_line_key is not distinct from adjustment_sums.remit_line_key
    left join denial_reasons
        on
            items.remit_claim_key = denial_reasons.remit_claim_key
            and items.remit_line_key is not distinct from denial_reasons.remit_line_key
)

select * from final
