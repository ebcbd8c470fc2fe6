{# How a line of the EHR and one of the 837P are told to be the same, the surest first. #}
{% set stages = [
    ('line_control_number', "upper({lines}.line_control_number)"),
    ('number_code_date', "{lines}.line_number || '|' || {lines}.procedure_code || '|' || {lines}.service_date"),
    ('code_date', "{lines}.procedure_code || '|' || {lines}.service_date"),
    ('number_date', "{lines}.line_number || '|' || {lines}.service_date"),
] %}
{% set compared = [
    'procedure_code', 'service_date', 'billed_units', 'charge_amount', 'ndc11', 'ndc_quantity', 'ndc_unit_code'
] %}

with claims as (
    select * from {{ ref('int_ehr__claim_truths') }}
    where
        is_billed
        and {{ in_changed_scopes('patient_key') }}
),

ehr as (
    select ehr_lines.*
    from {{ ref('int_ehr__claim_line_versions') }} as ehr_lines
    where ehr_lines.claim_key in (select claims.claim_key from claims)
),

billed as (
    select billed_lines.*
    from {{ ref('int_billed__claim_lines') }} as billed_lines
    where billed_lines.claim_key in (select claims.claim_key from claims)
),

{% for method, value in stages -%}
    {%- set stage = loop.index %}
    {%- for side, number in [('ehr', 'line_number'), ('billed', 'line_index')] %}
        {{ side }}_{{ stage }} as (
            select
                {{ side }}.claim_key,
                {{ side }}.{{ number }},
                {{ value.format(lines=side) }} as match_value,
                row_number() over (
                    partition by {{ side }}.claim_key, {{ value.format(lines=side) }}
                    order by {{ side }}.{{ number }}
                ) as place
            from {{ side }}
            {% for earlier in range(1, stage) -%}
                anti join pairs_{{ earlier }}
                    on
                        {{ side }}.claim_key = pairs_{{ earlier }}.claim_key
                        and {{ side }}.{{ number }} = pairs_{{ earlier }}.{{ number }}
            {% endfor -%}
        ),
    {% endfor %}
    pairs_{{ stage }} as (
        select
            ehr_{{ stage }}.claim_key,
            ehr_{{ stage }}.line_number,
            billed_{{ stage }}.line_index,
            '{{ method }}' as line_match_method
        from ehr_{{ stage }}
        inner join billed_{{ stage }}
            on
                ehr_{{ stage }}.claim_key = billed_{{ stage }}.claim_key
                and ehr_{{ stage }}.match_value = billed_{{ stage }}.match_value
                and ehr_{{ stage }}.place = billed_{{ stage }}.place
    ),
{% endfor %}

pairs as (
    {% for _ in stages -%}
        select * from pairs_{{ loop.index }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

sides as (
    select
        ehr.claim_key,
        ehr.line_number,
        pairs.line_index,
        coalesce(pairs.line_match_method, 'only_ehr') as line_match_method
    from ehr
    left join pairs
        on
            ehr.claim_key = pairs.claim_key
            and ehr.line_number = pairs.line_number
    union all
    select
        billed.claim_key,
        null as line_number,
        billed.line_index,
        'only_billed' as line_match_method
    from billed
    anti join pairs
        on
            billed.claim_key = pairs.claim_key
            and billed.line_index = pairs.line_index
),

compared_lines as (
    select
        sides.claim_key,
        claims.patient_key,
        sides.line_number as ehr_line_number,
        sides.line_index,
        sides.line_match_method,
        coalesce(sides.line_number, billed.line_number) as line_number,
        case when sides.line_number is null then 'billed' else 'ehr' end as side,
        sides.line_index is null or billed.charge_amount is not null as is_readable,
        case
            when sides.line_index is null then 'not_billed'
            when sides.line_number is null then 'not_in_ehr'
            else
                concat_ws(
                    '|',
                    {% for name in compared -%}
                        {{ billed_difference(name, 'ehr.' ~ name, 'billed.' ~ name) }},
                    {% endfor -%}
                    case
                        when
                            list_sort([
                                coalesce(ehr.modifier_1, ''), coalesce(ehr.modifier_2, ''),
                                coalesce(ehr.modifier_3, ''), coalesce(ehr.modifier_4, '')
                            ])
                            <> list_sort([
                                coalesce(billed.modifier_1, ''), coalesce(billed.modifier_2, ''),
                                coalesce(billed.modifier_3, ''), coalesce(billed.modifier_4, '')
                            ])
                            then 'modifiers'
                    end,
                    case
                        when
                            ehr.diagnosis_pointer_1 is not null
                            and [
                                ehr.diagnosis_pointer_1, ehr.diagnosis_pointer_2, ehr.diagnosis_pointer_3,
                                ehr.diagnosis_pointer_4
                            ]
                            is distinct from [
                                billed.diagnosis_pointer_1, billed.diagnosis_pointer_2,
                                billed.diagnosis_pointer_3, billed.diagnosis_pointer_4
                            ]
                            then 'diagnosis_pointers'
                    end
                )
        end as fields
    from sides
    inner join claims on sides.claim_key = claims.claim_key
    left join ehr
        on
            sides.claim_key = ehr.claim_key
            and sides.line_number = ehr.line_number
    left join billed
        on
            sides.claim_key = billed.claim_key
            and sides.line_index = billed.line_index
)

select
    {{ surrogate_key([
        'compared_lines.claim_key', 'compared_lines.side',
        'coalesce(compared_lines.ehr_line_number, compared_lines.line_index)',
    ]) }} as line_match_key,
    compared_lines.claim_key,
    compared_lines.patient_key,
    compared_lines.ehr_line_number,
    compared_lines.line_index,
    compared_lines.line_match_method,
    compared_lines.line_number,
    compared_lines.side,
    compared_lines.is_readable,
    case
        when compared_lines.side = 'billed'
            then '837P line ' || compared_lines.line_number || ' ' || compared_lines.fields
        when compared_lines.fields <> ''
            then
                'line ' || compared_lines.line_number || ' '
                || replace(compared_lines.fields, '|', '|line ' || compared_lines.line_number || ' ')
    end as differences
from compared_lines
