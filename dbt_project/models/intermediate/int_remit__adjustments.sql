with remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

adjustments as (
    select * from {{ ref('stg_remit__adjustments') }}
    where not is_repeat
),

adjustment_codes as (
    select * from {{ ref('carc_rarc') }}
    where type = 'CARC'
),

element_codes as (
    select * from {{ ref('remit_element_codes') }}
),

classified as (
    select
        {{ row_hash([
            'remit_claims.payment_key', 'adjustments.claim_index', 'adjustments.line_index', 'adjustments.sequence'
        ]) }} as remit_adjustment_key,
        remit_claims.remit_claim_key,
        {{ money_remit_line_key('remit_claims', 'adjustments') }} as remit_line_key,
        remit_claims.payment_key,
        adjustments.sequence as adjustment_sequence,
        adjustments.group_code,
        adjustments.carc as carc_sent,
        {{ money_carc('adjustments.carc') }} as carc,
        coalesce(adjustment_codes.denial_or_adjustment, 'unclassified') as adjustment_class,
        adjustment_codes.denial_category,
        coalesce(group_codes.role = 'patient', false) as is_patient_group,
        {{ money_amount('remit_claims.repaired_sign * coalesce(adjustments.adjustment_amount, 0)') }}
            as adjustment_amount,
        adjustments.adjustment_quantity
    from remit_claims
    inner join adjustments
        on
            remit_claims._file_sha256 = adjustments._file_sha256
            and remit_claims.st_index = adjustments.st_index
            and remit_claims.claim_index = adjustments.claim_index
    left join adjustment_codes on {{ money_carc('adjustments.carc') }} = adjustment_codes.code
    left join element_codes as group_codes
        on
            group_codes.element = 'CAS01'
            and group_codes.code = upper(trim(adjustments.group_code))
),

-- Where the amount goes: exactly one bucket, so buckets add up to all adjustments. A code the reference does
-- not hold stays apart and visible. A denial keeps its name in group PR too: the payer refused the service.
final as (
    select
        classified.*,
        case
            when classified.adjustment_class in ('denial', 'unclassified') then classified.adjustment_class
            when classified.adjustment_class = 'cob_info' then 'prior_payer'
            when
                classified.is_patient_group or classified.adjustment_class = 'patient_share'
                then 'patient_responsibility'
            when classified.adjustment_class = 'contractual' then 'contractual'
            else 'other'
        end as adjustment_bucket
    from classified
)

select * from final
