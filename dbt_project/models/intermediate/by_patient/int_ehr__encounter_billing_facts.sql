{# Who pays for a session with ketamine or esketamine, what was checked before it, whether it was billed. #}
{% set fact_names = [
    'is_completed_session', 'session_payer', 'has_claim_line', 'charge_due_date', 'usual_session_amount',
    'business_days_scheduled_ahead', 'has_good_faith_estimate', 'has_benefit_check', 'benefit_check_age_days',
    'benefit_check_days_above', 'network_status', 'is_superbill_session', 'superbill_missing_count',
    'superbill_missing_elements',
] %}
{% set superbill_elements = {
    'date_given': 'superbills.given_date',
    'date_of_service': 'superbills.service_date',
    'billing_provider': 'superbills.billing_npi',
    'rendering_provider': 'superbills.rendering_npi',
    'tax_id': 'superbills.tax_id',
    'place_of_service': 'superbills.place_of_service_code',
    'diagnoses': 'superbills.diagnosis_code_list',
    'procedure_codes': 'superbills.procedure_code_list',
    'charge': 'superbills.charge_amount',
    'amount_paid': 'superbills.paid_amount',
} %}

with sessions as (
    select
        encounters.encounter_key,
        encounters.patient_key,
        encounters.clinic_id,
        encounters.service_date,
        cast({{ utc_to_zone('encounters.scheduled_at_utc', 'encounters.time_zone') }} as date)
            as scheduled_date,
        count(case when administrations.administration_status = 'completed' then 1 end)
        > 0 as is_completed_session
    from {{ ref('int_ehr__encounters') }} as encounters
    inner join {{ ref('int_ehr__administrations') }} as administrations
        on encounters.encounter_key = administrations.encounter_key
    inner join {{ ref('drug_reference') }} as drugs on administrations.drug_name = drugs.drug_alias
    where
        not administrations.is_entered_in_error
        and {{ in_changed_scopes('encounters.patient_key') }}
    group by
        encounters.encounter_key, encounters.patient_key, encounters.clinic_id, encounters.service_date,
        encounters.scheduled_at_utc, encounters.time_zone
),

deliveries as (
    select
        delivered.clinic_id,
        count(case when delivered.table_name = 'coverage' then 1 end) > 0 as has_coverages,
        count(case when delivered.table_name = 'claim_line' then 1 end) > 0 as has_claim_lines,
        count(case when delivered.table_name = 'notice' then 1 end) > 0 as has_notices,
        count(case when delivered.table_name = 'benefit_check' then 1 end) > 0 as has_benefit_checks,
        count(case when delivered.table_name = 'superbill' then 1 end) > 0 as has_superbills
    from {{ ref('int_ehr__deliveries') }} as delivered
    group by delivered.clinic_id
),

-- the plan that pays first on the day
coverages as (
    select
        sessions.encounter_key,
        coverages.payer_id,
        coverages.line_of_business,
        row_number() over (
            partition by sessions.encounter_key
            order by coverages.coverage_priority asc nulls last, coverages.coverage_id asc
        ) as coverage_rank
    from sessions
    inner join {{ ref('int_ehr__coverages') }} as coverages
        on
            sessions.patient_key = coverages.patient_key
            and {{ is_in_force(
                'sessions.service_date', 'coverages.effective_from_date', 'coverages.effective_to_date'
            ) }}
),

plans as (
    select * from coverages
    where coverage_rank = 1
),

claim_lines as (
    select
        claim_lines.patient_key,
        claim_lines.encounter_key,
        claim_lines.service_date,
        claim_lines.charge_amount
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    where
        claim_lines.is_standing
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

-- a line that names no encounter belongs to the patient's sessions of its date
session_lines as (
    select
        sessions.encounter_key,
        sessions.patient_key,
        claim_lines.charge_amount
    from sessions
    inner join claim_lines
        on
            sessions.encounter_key = claim_lines.encounter_key
            and sessions.patient_key = claim_lines.patient_key
    union all
    select
        sessions.encounter_key,
        sessions.patient_key,
        claim_lines.charge_amount
    from sessions
    inner join claim_lines
        on
            sessions.patient_key = claim_lines.patient_key
            and sessions.service_date = claim_lines.service_date
    where claim_lines.encounter_key is null
),

billed as (
    select distinct session_lines.encounter_key from session_lines
),

-- what the patient's billed sessions were charged on average
usual as (
    select
        session_lines.patient_key,
        sum(session_lines.charge_amount) / count(distinct session_lines.encounter_key) as usual_session_amount
    from session_lines
    group by session_lines.patient_key
),

cash_sessions as (
    select distinct sessions.encounter_key
    from sessions
    inner join {{ ref('int_ehr__cash_sales') }} as cash_sales on sessions.patient_key = cash_sales.patient_key
    where
        sessions.encounter_key = cash_sales.encounter_key
        or (cash_sales.sale_kind = 'package_sold' and cash_sales.sold_date <= sessions.service_date)
),

listed_superbills as (
    select
        superbills.superbill_key,
        superbills.patient_key,
        superbills.encounter_key,
        superbills.service_date,
        nullif(
            concat_ws(
                '|',
                {% for name, column in superbill_elements.items() -%}
                    case when nullif(cast({{ column }} as varchar), '') is null then '{{ name }}' end
                    {{- "," if not loop.last }}
                {% endfor -%}
            ), ''
        ) as missing_elements
    from {{ ref('int_ehr__superbills') }} as superbills
    where {{ in_changed_scopes('superbills.patient_key') }}
),

found_superbills as (
    select
        sessions.encounter_key,
        listed_superbills.superbill_key,
        listed_superbills.missing_elements
    from sessions
    inner join listed_superbills
        on
            sessions.encounter_key = listed_superbills.encounter_key
            and sessions.patient_key = listed_superbills.patient_key
    union all
    select
        sessions.encounter_key,
        listed_superbills.superbill_key,
        listed_superbills.missing_elements
    from sessions
    inner join listed_superbills
        on
            sessions.patient_key = listed_superbills.patient_key
            and sessions.service_date = listed_superbills.service_date
    where listed_superbills.encounter_key is null
),

-- of several superbills the most complete one counts
superbills as (
    select
        found_superbills.encounter_key,
        found_superbills.missing_elements,
        row_number() over (
            partition by found_superbills.encounter_key
            order by coalesce(length(found_superbills.missing_elements), 0), found_superbills.superbill_key
        ) as completeness_rank
    from found_superbills
),

estimates as (
    select distinct sessions.encounter_key
    from sessions
    inner join {{ ref('int_ehr__notices') }} as notices on sessions.patient_key = notices.patient_key
    where
        upper(notices.notice_type) = 'GFE'
        and notices.signed_date <= sessions.service_date
),

-- the newest check with the plan's payer before the session
checks as (
    select
        sessions.encounter_key,
        {{ days_between('benefit_checks.verified_date', 'sessions.service_date') }} as age_days,
        coalesce(benefit_checks.network_status, 'unknown') as network_status,
        row_number() over (
            partition by sessions.encounter_key
            order by benefit_checks.verified_date desc, benefit_checks.check_id desc
        ) as check_rank
    from sessions
    inner join plans on sessions.encounter_key = plans.encounter_key
    inner join {{ ref('int_ehr__benefit_checks') }} as benefit_checks
        on
            sessions.patient_key = benefit_checks.patient_key
            and plans.payer_id = benefit_checks.payer_id
    where benefit_checks.verified_date <= sessions.service_date
),

allowed_ages as (
    select
        sessions.encounter_key,
        try_cast(policies.policy_value as integer) as allowed_days,
        row_number() over (
            partition by sessions.encounter_key
            order by
                policies.precedence asc,
                policies.valid_from_date desc,
                policies.recorded_date desc nulls last,
                policies.policy_value asc nulls last
        ) as policy_rank
    from sessions
    inner join plans on sessions.encounter_key = plans.encounter_key
    inner join {{ ref('int_ehr__payer_policies') }} as policies
        on
            plans.payer_id = policies.payer_id
            and plans.line_of_business = policies.line_of_business
            and (policies.clinic_id is null or sessions.clinic_id = policies.clinic_id)
            and policies.parameter = 'benefit_check_days'
            and {{ is_in_force(
                'sessions.service_date', 'policies.valid_from_date', 'policies.valid_to_date'
            ) }}
),

gathered as (
    select
        sessions.*,
        superbills.encounter_key is not null as has_superbill,
        superbills.missing_elements,
        case
            when sessions.service_date is null then null
            when cash_sessions.encounter_key is not null then 'cash'
            when superbills.encounter_key is not null then 'superbill'
            when plans.encounter_key is null and not coalesce(deliveries.has_coverages, false) then null
            when plans.encounter_key is null or plans.line_of_business = 'self_pay' then 'cash'
            when checks.network_status = 'out_of_network' and billed.encounter_key is null then 'superbill'
            else 'plan'
        end as session_payer,
        case when deliveries.has_claim_lines then billed.encounter_key is not null end as has_claim_line,
        cast(usual.usual_session_amount as decimal(12, 2)) as usual_session_amount,
        case when deliveries.has_notices then estimates.encounter_key is not null end
            as has_good_faith_estimate,
        case when deliveries.has_benefit_checks then checks.encounter_key is not null end
            as has_benefit_check,
        cast(checks.age_days as integer) as benefit_check_age_days,
        cast(checks.age_days - allowed_ages.allowed_days as integer) as benefit_check_days_above,
        checks.network_status,
        coalesce(deliveries.has_superbills, false) as has_superbill_feed
    from sessions
    left join deliveries on sessions.clinic_id = deliveries.clinic_id
    left join plans on sessions.encounter_key = plans.encounter_key
    left join billed on sessions.encounter_key = billed.encounter_key
    left join usual on sessions.patient_key = usual.patient_key
    left join cash_sessions on sessions.encounter_key = cash_sessions.encounter_key
    left join superbills
        on
            sessions.encounter_key = superbills.encounter_key
            and superbills.completeness_rank = 1
    left join estimates on sessions.encounter_key = estimates.encounter_key
    left join checks
        on
            sessions.encounter_key = checks.encounter_key
            and checks.check_rank = 1
    left join allowed_ages
        on
            sessions.encounter_key = allowed_ages.encounter_key
            and allowed_ages.policy_rank = 1
),

facts as (
    select
        gathered.encounter_key,
        gathered.patient_key,
        gathered.is_completed_session,
        gathered.session_payer,
        gathered.has_claim_line,
        cast(
            gathered.service_date
            + cast({{ threshold('charge_capture_days', 'gathered.service_date') }} as integer)
            * (interval '1' day)
            as date
        ) as charge_due_date,
        gathered.usual_session_amount,
        cast(
            {{ weekdays_to('gathered.service_date') }}
            - {{ weekdays_to('gathered.scheduled_date') }} as integer
        ) as business_days_scheduled_ahead,
        gathered.has_good_faith_estimate,
        gathered.has_benefit_check,
        gathered.benefit_check_age_days,
        gathered.benefit_check_days_above,
        gathered.network_status,
        gathered.session_payer = 'superbill' as is_superbill_session,
        cast(
            case
                when gathered.has_superbill
                    then
                        coalesce(
                            length(gathered.missing_elements)
                            - length(replace(gathered.missing_elements, '|', ''))
                            + 1,
                            0
                        )
                when gathered.has_superbill_feed then 1
            end as integer
        ) as superbill_missing_count,
        case
            when gathered.has_superbill then gathered.missing_elements
            when gathered.has_superbill_feed then 'superbill'
        end as superbill_missing_elements
    from gathered
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
