with procedure_codes as (
    select * from {{ ref('int_reference__codes') }}
    where code_label is not null  -- of whole code sets those this practice has to do with
),

remittance_codes as (
    select
        code_type as code_system,
        code,
        label,
        denial_or_adjustment,
        start_date,
        stop_date,
        denial_category,
        recommended_action,
        appealability,
        preventable_by_rule_ids
    from {{ ref('int_reference__reason_codes') }}
    where label is not null
    union all
    select
        'CAS group' as code_system,
        code,
        label,
        denial_or_adjustment,
        start_date,
        end_date as stop_date,
        denial_category,
        recommended_action,
        appealability,
        preventable_by_rule_ids
    from {{ ref('carc_rarc') }}
    where type = 'group'
),

element_codes as (
    select * from {{ ref('remit_element_codes') }}
),

unioned as (
    select
        code_system,
        code,
        code_label as code_desc,
        code_role,
        valid_from as valid_from_date,
        valid_to as valid_to_date,
        cast(null as varchar) as denial_category,
        cast(null as varchar) as recommended_action,
        cast(null as varchar) as appealability,
        cast(null as varchar) as preventable_by_rule_ids
    from procedure_codes
    union all
    select
        code_system,
        code,
        label as code_desc,
        denial_or_adjustment as code_role,
        start_date as valid_from_date,
        stop_date as valid_to_date,
        denial_category,
        recommended_action,
        appealability,
        preventable_by_rule_ids
    from remittance_codes
    union all
    select
        element as code_system,
        code,
        label as code_desc,
        role as code_role,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date,
        cast(null as varchar) as denial_category,
        cast(null as varchar) as recommended_action,
        cast(null as varchar) as appealability,
        cast(null as varchar) as preventable_by_rule_ids
    from element_codes
    where element <> 'CAS01'
),

final as (
    select
        {{ surrogate_key(['code_system', 'code', "coalesce(cast(valid_from_date as varchar), '')"]) }}
            as code_key,
        code_system,
        code,
        code_desc,
        code_role,
        valid_from_date,
        valid_to_date,
        denial_category,
        recommended_action,
        appealability,
        preventable_by_rule_ids
    from unioned
)

select * from final
