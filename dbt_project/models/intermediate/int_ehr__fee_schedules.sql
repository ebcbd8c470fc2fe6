{{ config(materialized='table') }}

with aliases as (
    select * from {{ ref('payer_aliases') }}
),

-- empty modifier, place or line of business: the entry holds for any
entries as (
    select
        schedules.*,
        coalesce(aliases.payer_id, {{ normalised_payer('schedules.payer_id') }}) as resolved_payer_id,
        {{ normalised_code('schedules.procedure_code') }} as resolved_procedure_code,
        coalesce({{ normalised_code('schedules.modifier') }}, '') as resolved_modifier,
        coalesce(trim(schedules.place_of_service_code), '') as resolved_place_of_service_code,
        coalesce(lower(schedules.line_of_business), '') as resolved_line_of_business
    from {{ ref('stg_ehr__fee_schedules') }} as schedules
    left join aliases on {{ normalised_payer('schedules.payer_id') }} = aliases.payer_alias
),

versions as (
    select *
    from {{ ranked_versions('entries', [
        'clinic_id', 'resolved_payer_id', 'resolved_line_of_business', 'resolved_procedure_code',
        'resolved_modifier', 'resolved_place_of_service_code', 'effective_from_date'
    ]) }} as ranked
)

select
    versions.clinic_id,
    versions.resolved_payer_id as payer_id,
    nullif(versions.resolved_line_of_business, '') as line_of_business,
    versions.resolved_procedure_code as procedure_code,
    nullif(versions.resolved_modifier, '') as modifier,
    nullif(versions.resolved_place_of_service_code, '') as place_of_service_code,
    versions.effective_from_date,
    versions.effective_to_date,
    versions.allowed_amount as allowed_unit_amount,
    versions.charge_amount as charge_unit_amount
from versions
where
    versions.version_rank = 1
    and not versions.is_deleted
