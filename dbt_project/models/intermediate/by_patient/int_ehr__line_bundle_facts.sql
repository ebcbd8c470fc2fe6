{# Lines of esketamine, bundled or by weight: who supplied it, what the payer takes, what stands beside it. #}
{% set fact_names = [
    'is_esketamine_billing_line', 'billing_family', 'payer_billing_model', 'bundle_lines_beside_drug',
    'is_charged_drug_line', 'session_acquisition', 'visit_count_in_three_years', 'is_history_long_enough',
] %}

with esketamine_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.clinic_id,
        claim_lines.encounter_key,
        claim_lines.service_date,
        claim_lines.charge_amount,
        claim_lines.rendering_npi,
        claims.line_of_business,
        codes.is_bundle_code,
        codes.is_per_mg_drug_code,
        policies.esketamine_model,
        sessions.session_acquisition
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_codes') }} as codes
        on claim_lines.claim_line_key = codes.claim_line_key
    inner join {{ ref('int_ehr__line_policies') }} as policies
        on claim_lines.claim_line_key = policies.claim_line_key
    inner join {{ ref('int_ehr__line_sessions') }} as sessions
        on claim_lines.claim_line_key = sessions.claim_line_key
    left join {{ ref('code_group') }} as unlisted
        on
            unlisted.group_name = 'unlisted_drug'
            and claim_lines.procedure_code = unlisted.code
            and {{ is_in_force('claim_lines.service_date', 'unlisted.valid_from', 'unlisted.valid_to') }}
    where
        (
            codes.is_bundle_code
            or codes.is_per_mg_drug_code
            or (unlisted.code is not null and sessions.esketamine_count > 0)
        )
        and {{ in_changed_scopes('claim_lines.patient_key') }}
),

bundles as (
    select
        esketamine_lines.patient_key,
        esketamine_lines.service_date,
        count(*) as line_count
    from esketamine_lines
    where
        esketamine_lines.is_bundle_code
        and esketamine_lines.service_date is not null
    group by esketamine_lines.patient_key, esketamine_lines.service_date
),

-- visits of the three years before, the exact day included; another clinician of the same group and
-- specialty counts, a clinician whose group or specialty is unknown may
looked_back as (
    select
        esketamine_lines.claim_line_key,
        count(
            case
                when
                    visits.rendering_npi = esketamine_lines.rendering_npi
                    or (visits.provider_group_id = own.provider_group_id and visits.specialty = own.specialty)
                    then 1
            end
        ) as visit_count,
        count(
            case
                when
                    visits.rendering_npi is null
                    or esketamine_lines.rendering_npi is null
                    or visits.provider_group_id is null
                    or own.provider_group_id is null
                    or (
                        visits.provider_group_id = own.provider_group_id
                        and (visits.specialty is null or own.specialty is null)
                    )
                    then 1
            end
        ) as perhaps_count
    from esketamine_lines
    inner join {{ ref('int_ehr__encounters') }} as visits
        on
            esketamine_lines.patient_key = visits.patient_key
            and visits.service_date >= esketamine_lines.service_date - interval '3' year
            and esketamine_lines.service_date > visits.service_date
    left join {{ ref('int_ehr__encounters') }} as own on esketamine_lines.encounter_key = own.encounter_key
    left join {{ ref('code_group') }} as not_held
        on
            not_held.group_name = 'encounter_not_held'
            and lower(visits.encounter_status) = not_held.code
    where
        esketamine_lines.is_bundle_code
        and not_held.code is null
    group by esketamine_lines.claim_line_key
),

facts as (
    select
        esketamine_lines.claim_line_key,
        esketamine_lines.patient_key,
        esketamine_lines.is_bundle_code or esketamine_lines.is_per_mg_drug_code as is_esketamine_billing_line,
        case
            when esketamine_lines.is_bundle_code then 'gcode'
            when esketamine_lines.is_per_mg_drug_code then 'jcode_plus_em'
        end as billing_family,
        case when always_bundled.code is not null then 'gcode' else esketamine_lines.esketamine_model end
            as payer_billing_model,
        not esketamine_lines.is_bundle_code
        and esketamine_lines.charge_amount
        > coalesce({{ threshold('token_charge_amount', 'esketamine_lines.service_date') }}, 0)
            as is_charged_drug_line,
        cast(
            case
                when not esketamine_lines.is_bundle_code and esketamine_lines.service_date is not null
                    then coalesce(bundles.line_count, 0)
            end as integer
        ) as bundle_lines_beside_drug,
        esketamine_lines.session_acquisition,
        histories.first_encounter_date <= esketamine_lines.service_date - interval '3' year
            as is_history_long_enough,
        cast(
            case
                when not esketamine_lines.is_bundle_code or esketamine_lines.service_date is null then null
                when looked_back.visit_count > 0 then looked_back.visit_count
                when looked_back.perhaps_count > 0 then null
                when
                    histories.first_encounter_date <= esketamine_lines.service_date - interval '3' year
                    then 0
            end as integer
        ) as visit_count_in_three_years
    from esketamine_lines
    left join bundles
        on
            esketamine_lines.patient_key = bundles.patient_key
            and esketamine_lines.service_date = bundles.service_date
    left join looked_back on esketamine_lines.claim_line_key = looked_back.claim_line_key
    left join {{ ref('int_ehr__clinic_histories') }} as histories
        on esketamine_lines.clinic_id = histories.clinic_id
    left join {{ ref('code_group') }} as always_bundled
        on
            always_bundled.group_name = 'bundle_only_line_of_business'
            and esketamine_lines.line_of_business = always_bundled.code
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
