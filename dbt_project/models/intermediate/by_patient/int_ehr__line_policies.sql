{# parameters of payer_policy that rules read as they stand, as <parameter>_policy: text, lower case #}
{% set parameters = [
    'appeal_days', 'covered_dx', 'distinct_classes', 'esketamine_code_grace_to', 'iv_ketamine_covered',
    'mod_jz_required', 'ndc_required', 'ndc_uom_esketamine', 'ndc_pays_waste', 'needs_oral_ad', 'pa_crosswalk',
    'telehealth_mod', 'telehealth_pos', 'timely_days', 'trd_n', 'trial_weeks', 'trials_in_episode',
    'unlisted_units_allowed',
] %}

with claim_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.clinic_id,
        claims.payer_id,
        claims.line_of_business,
        claim_lines.service_date
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

days as (
    select distinct
        claim_lines.clinic_id,
        claim_lines.payer_id,
        claim_lines.line_of_business,
        claim_lines.service_date
    from claim_lines
),

ranked as (
    select
        days.clinic_id,
        days.payer_id,
        days.line_of_business,
        days.service_date,
        policies.parameter,
        policies.policy_value,
        row_number() over (
            partition by
                days.clinic_id, days.payer_id, days.line_of_business, days.service_date, policies.parameter
            order by
                policies.precedence asc,
                policies.valid_from_date desc,
                policies.recorded_date desc nulls last,
                policies.policy_value asc nulls last,
                policies.policy_source asc nulls last
        ) as policy_rank
    from days
    inner join {{ ref('int_ehr__payer_policies') }} as policies
        on
            days.payer_id = policies.payer_id
            and days.line_of_business = policies.line_of_business
            and (policies.clinic_id is null or days.clinic_id = policies.clinic_id)
            and {{ is_in_force('days.service_date', 'policies.valid_from_date', 'policies.valid_to_date') }}
),

in_force as (
    select
        ranked.clinic_id,
        ranked.payer_id,
        ranked.line_of_business,
        ranked.service_date,
        max(case when ranked.parameter = 'pa_required' then ranked.policy_value end) as pa_required,
        max(case when ranked.parameter = 'esketamine_model' then ranked.policy_value end) as esketamine_model,
        {% for parameter in parameters -%}
            max(case when ranked.parameter = '{{ parameter }}' then ranked.policy_value end)
                as {{ parameter }}_policy,
        {% endfor -%}
        max(case when ranked.parameter = 'em25_exempts_gcode' then ranked.policy_value end)
            as em25_exempts_gcode
    from ranked
    where ranked.policy_rank = 1
    group by ranked.clinic_id, ranked.payer_id, ranked.line_of_business, ranked.service_date
)

select
    claim_lines.claim_line_key,
    claim_lines.patient_key,
    {{ policy_flag('in_force.pa_required') }} as is_prior_auth_required,
    in_force.esketamine_model,
    {% for parameter in parameters -%}
        in_force.{{ parameter }}_policy,
    {% endfor -%}
    {{ policy_flag('in_force.em25_exempts_gcode') }} as em25_exempts_gcode
from claim_lines
left join in_force
    on
        claim_lines.clinic_id = in_force.clinic_id
        and claim_lines.payer_id = in_force.payer_id
        and claim_lines.line_of_business = in_force.line_of_business
        and claim_lines.service_date = in_force.service_date
