{{ config(materialized='table') }}

with versions as (
    select * from {{ ranked_versions(ref('stg_ehr__bank_deposits'), ['deposit_key']) }} as ranked
),

-- a bank may give the whole addendum of the credit, whose third element is the trace
traced as (
    select
        versions.*,
        case
            when upper(ltrim(versions.bank_trace)) like 'TRN*%' then split_part(versions.bank_trace, '*', 3)
            else versions.bank_trace
        end as trace_number
    from versions
    where versions.version_rank = 1 and not versions.is_deleted
),

final as (
    select
        deposit_key,
        clinic_id,
        deposit_id,
        deposited_date,
        deposit_amount,
        trace_number,
        {{ money_reference_number('trace_number') }} as trace_normalised,
        payee_name
    from traced
)

select * from final
