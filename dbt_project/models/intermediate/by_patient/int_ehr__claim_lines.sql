{% set keys = [
    'claim_line_key', 'claim_key', 'patient_key', 'encounter_key', 'administration_key', 'clinic_id', 'claim_id',
    'claim_version',
] %}
{% set service = [
    'service_date', 'service_to_date', 'procedure_code', 'modifier_1', 'modifier_2', 'modifier_3', 'modifier_4',
    'billed_units', 'charge_amount',
] %}
{% set ehr_only = ['encounter_id', 'administration_id', 'revenue_code'] %}
{% set drug = [
    'ndc11', 'ndc_quantity', 'ndc_unit_code', 'ndc_qualifier_code', 'noc_text', 'diagnosis_pointer_1',
    'diagnosis_pointer_2', 'diagnosis_pointer_3', 'diagnosis_pointer_4',
] %}

with claims as (
    select * from {{ ref('int_ehr__claim_truths') }}
    where {{ in_changed_scopes('patient_key') }}
),

ehr as (
    select * from {{ ref('int_ehr__claim_line_versions') }}
    where {{ in_changed_scopes('patient_key') }}
),

matches as (
    select * from {{ ref('int_ehr__line_matches') }}
    where
        line_index is not null
        and {{ in_changed_scopes('patient_key') }}
),

billed as (
    select billed_lines.*
    from {{ ref('int_billed__claim_lines') }} as billed_lines
    where billed_lines.claim_key in (select claims.claim_key from claims)
),

last_numbers as (
    select
        numbers.claim_key,
        max(numbers.line_number) as line_number
    from (
        select
            ehr.claim_key,
            ehr.line_number
        from ehr
        union all
        select
            billed.claim_key,
            billed.line_number
        from billed
    ) as numbers
    group by numbers.claim_key
),

placed as (
    select
        matches.*,
        row_number() over (
            partition by matches.claim_key, matches.side, matches.line_number
            order by matches.line_index
        ) as place
    from matches
),

-- A line keeps the EHR's number, so findings and payments stay with it; one only billed its own if free.
numbered as (
    select
        placed.claim_key,
        placed.line_index,
        placed.line_match_method,
        placed.ehr_line_number,
        case
            when placed.ehr_line_number is not null then placed.ehr_line_number
            when taken.line_number is null and placed.place = 1 then placed.line_number
            else last_numbers.line_number + placed.line_index
        end as line_number
    from placed
    inner join last_numbers on placed.claim_key = last_numbers.claim_key
    left join ehr as taken
        on
            placed.claim_key = taken.claim_key
            and placed.line_number = taken.line_number
),

from_ehr as (
    select
        {% for name in keys + ['line_number', 'line_control_number'] + service + ehr_only + drug -%}
            ehr.{{ name }},
        {% endfor -%}
        ehr.rendering_npi,
        false as is_billed,
        null as line_match_method
    from ehr
    inner join claims
        on
            ehr.claim_key = claims.claim_key
            and not claims.is_billed
),

from_billed as (
    select
        {{ surrogate_key(['billed.clinic_id', 'billed.claim_id', 'numbered.line_number']) }}
            as claim_line_key,
        billed.claim_key,
        claims.patient_key,
        ehr.encounter_key,
        ehr.administration_key,
        billed.clinic_id,
        billed.claim_id,
        claims.claim_version,
        numbered.line_number,
        coalesce(billed.line_control_number, ehr.line_control_number) as line_control_number,
        {% for name in service -%}
            billed.{{ name }},
        {% endfor -%}
        {% for name in ehr_only -%}
            ehr.{{ name }},
        {% endfor -%}
        {% for name in drug -%}
            billed.{{ name }},
        {% endfor -%}
        coalesce(billed.rendering_npi, ehr.rendering_npi, claims.rendering_npi) as rendering_npi,
        true as is_billed,
        numbered.line_match_method
    from billed
    inner join claims on billed.claim_key = claims.claim_key
    inner join numbered
        on
            billed.claim_key = numbered.claim_key
            and billed.line_index = numbered.line_index
    left join ehr
        on
            numbered.claim_key = ehr.claim_key
            and numbered.ehr_line_number = ehr.line_number
),

either as (
    select * from from_billed
    union all
    select * from from_ehr
)

select
    {% for name in keys + ['line_number', 'line_control_number'] -%}
        either.{{ name }},
    {% endfor -%}
    claims.is_standing,
    {% for name in service -%}
        either.{{ name }},
    {% endfor -%}
    either.rendering_npi,
    {% for name in ehr_only + drug -%}
        either.{{ name }},
    {% endfor -%}
    either.is_billed,
    either.line_match_method
from either
inner join claims on either.claim_key = claims.claim_key
