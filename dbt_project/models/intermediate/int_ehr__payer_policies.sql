{{ config(materialized='table') }}

{% set config_parameters = [
    'esketamine_model', 'pa_required', 'pa_crosswalk', 'trd_n', 'trial_weeks', 'distinct_classes', 'needs_oral_ad',
    'covered_dx', 'iv_ketamine_covered', 'ndc_required', 'ndc_uom_esketamine', 'timely_days', 'appeal_days',
    'telehealth_mod', 'mod_jz_required',
] %}

with aliases as (
    select * from {{ ref('payer_aliases') }}
),

policy_versions as (
    select *
    from {{ ranked_versions(ref('stg_ehr__payer_policies'), [
        'clinic_id', 'payer_id', 'line_of_business', 'parameter', 'valid_from_date', 'recorded_date'
    ]) }} as ranked
),

config_versions as (
    select *
    from {{ ranked_versions(ref('stg_ehr__payer_configs'), [
        'clinic_id', 'payer_id', 'line_of_business', 'effective_from_date'
    ]) }} as ranked
),

-- what clinics deliver wins over public sources, what one clinic says of itself over what holds for all
collected as (
    select
        clinic_id,
        payer_id,
        line_of_business,
        parameter,
        policy_value,
        valid_from_date,
        valid_to_date,
        recorded_date,
        policy_source,
        policy_confidence,
        case when clinic_id is null then 3 else 1 end as precedence
    from policy_versions
    where version_rank = 1 and not is_deleted

    {% for parameter in config_parameters -%}
        union all
        select
            clinic_id,
            payer_id,
            line_of_business,
            '{{ parameter }}' as parameter,
            cast({{ parameter }} as varchar) as policy_value,
            effective_from_date as valid_from_date,
            effective_to_date as valid_to_date,
            cast(null as date) as recorded_date,
            'payer configuration of the clinic' as policy_source,
            cast(null as varchar) as policy_confidence,
            2 as precedence
        from config_versions
        where version_rank = 1 and not is_deleted and {{ parameter }} is not null

    {% endfor -%}
    union all
    select
        cast(null as varchar) as clinic_id,
        payer_id,
        line_of_business,
        parameter,
        value as policy_value,
        valid_from as valid_from_date,
        valid_to as valid_to_date,
        recorded_at as recorded_date,
        source as policy_source,
        confidence as policy_confidence,
        4 as precedence
    from {{ ref('payer_policy') }}
    union all
    -- sources differ and none of their values is taken
    select
        cast(null as varchar) as clinic_id,
        contested.payer_id,
        contested.line_of_business,
        contested.parameter,
        cast(null as varchar) as policy_value,
        contested.valid_from as valid_from_date,
        cast(null as date) as valid_to_date,
        cast(null as date) as recorded_date,
        contested.source as policy_source,
        'low' as policy_confidence,
        4 as precedence
    from {{ ref('payer_policy_contested') }} as contested
    left join {{ ref('payer_policy') }} as policies
        on
            contested.payer_id = policies.payer_id
            and contested.line_of_business = policies.line_of_business
            and contested.parameter = policies.parameter
            and contested.valid_from = policies.valid_from
    where policies.payer_id is null
)

select
    collected.clinic_id,
    coalesce(aliases.payer_id, {{ normalised_payer('collected.payer_id') }}) as payer_id,
    lower(collected.line_of_business) as line_of_business,
    lower(collected.parameter) as parameter,
    lower(trim(collected.policy_value)) as policy_value,
    collected.valid_from_date,
    collected.valid_to_date,
    collected.recorded_date,
    collected.policy_source,
    collected.policy_confidence,
    collected.precedence,
    contested.other_values as contested_values,
    contested.payer_id is not null as is_contested
from collected
left join aliases on {{ normalised_payer('collected.payer_id') }} = aliases.payer_alias
left join {{ ref('payer_policy_contested') }} as contested
    on
        collected.precedence = 4
        and collected.payer_id = contested.payer_id
        and collected.line_of_business = contested.line_of_business
        and collected.parameter = contested.parameter
        and collected.valid_from_date = contested.valid_from
