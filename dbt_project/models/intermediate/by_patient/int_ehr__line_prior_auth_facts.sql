{# The authorization behind a treatment line: codes, number, provider; and the criteria it was given on. #}
{% set fact_names = [
    'treatment_prior_auth_count', 'listed_prior_auth_count', 'has_authorization_number',
    'number_prior_auth_count', 'prior_auth_tie_count', 'has_single_prior_auth', 'prior_auth_mismatch_count',
    'is_resistant_depression_line', 'adequate_trial_count', 'required_trial_count', 'trial_shortfall_count',
    'oral_antidepressant_need', 'active_antidepressant_count',
] %}

with treatment_lines as (
    select
        treatments.claim_line_key,
        treatments.patient_key,
        treatments.clinic_id,
        treatments.encounter_key,
        treatments.service_date,
        treatments.treatment_drug,
        claim_lines.procedure_code,
        claim_lines.rendering_npi as line_npi,
        claims.payer_id,
        claims.billing_npi,
        claims.rendering_npi as claim_npi,
        claims.site_id,
        sites.site_npi,
        {{ normalised_authorization('claims.prior_authorization_number') }} as claim_number,
        coalesce({{ policy_flag('policies.pa_crosswalk_policy') }}, false) as is_crosswalk_allowed,
        coalesce(
            try_cast(policies.trd_n_policy as integer),
            {{ threshold('trd_trials_default', 'treatments.service_date') }}
        ) as required_trials,
        coalesce(
            try_cast(policies.trial_weeks_policy as decimal(12, 3)),
            {{ threshold('trial_weeks_default', 'treatments.service_date') }}
        ) as required_weeks,
        coalesce({{ policy_flag('policies.distinct_classes_policy') }}, false) as are_classes_distinct,
        coalesce({{ policy_flag('policies.trials_in_episode_policy') }}, false) as are_trials_of_episode,
        {{ policy_flag('policies.needs_oral_ad_policy') }} as is_oral_antidepressant_asked
    from {{ ref('int_ehr__line_treatments') }} as treatments
    inner join {{ ref('int_ehr__claim_lines') }} as claim_lines
        on treatments.claim_line_key = claim_lines.claim_line_key
    inner join {{ ref('int_ehr__claims') }} as claims on treatments.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__line_policies') }} as policies
        on treatments.claim_line_key = policies.claim_line_key
    left join {{ ref('int_ehr__sites') }} as sites
        on
            claims.clinic_id = sites.clinic_id
            and claims.site_id = sites.site_id
    where {{ in_changed_scopes('treatments.patient_key') }}
),

prior_auths as (
    select
        approved.*,
        {{ normalised_authorization('approved.prior_authorization_number') }} as normalised_number
    from {{ ref('int_ehr__prior_auths') }} as approved
    where
        approved.was_ever_approved
        and {{ in_changed_scopes('approved.patient_key') }}
),

candidates as (
    select
        treatment_lines.claim_line_key,
        treatment_lines.claim_number,
        prior_auths.prior_auth_key,
        prior_auths.normalised_number,
        prior_auths.procedure_code_list,
        treatment_lines.service_date between prior_auths.valid_from_date and prior_auths.valid_to_date
            as is_covering,
        treatment_lines.is_crosswalk_allowed
        or {{ list_holds('prior_auths.procedure_code_list', 'treatment_lines.procedure_code') }}
            as is_code_listed,
        treatment_lines.claim_number = prior_auths.normalised_number as is_number_equal,
        case
            when prior_auths.npi is null then 0
            when
                prior_auths.npi in (
                    treatment_lines.billing_npi, treatment_lines.line_npi, treatment_lines.claim_npi,
                    treatment_lines.site_npi
                )
                then 0
            when coalesce(treatment_lines.billing_npi, treatment_lines.line_npi) is not null then 1
        end as npi_mismatch,
        case
            when prior_auths.site_id is null or prior_auths.site_id = treatment_lines.site_id then 0
            when treatment_lines.site_id is not null then 1
        end as site_mismatch
    from treatment_lines
    inner join prior_auths
        on
            treatment_lines.patient_key = prior_auths.patient_key
            and treatment_lines.payer_id = prior_auths.payer_id
    where
        treatment_lines.treatment_drug = prior_auths.drug_name
        or treatment_lines.is_crosswalk_allowed
),

counted as (
    select
        candidates.claim_line_key,
        count(case when candidates.is_covering then 1 end) as covering_count,
        count(case when candidates.is_covering and candidates.is_code_listed then 1 end) as listed_count,
        count(case when candidates.is_covering and candidates.is_code_listed is null then 1 end)
            as unlisted_count,
        count(case when candidates.is_number_equal then 1 end) as number_count,
        count(case when candidates.normalised_number is null then 1 end) as unnumbered_count,
        count(case when candidates.is_covering and candidates.is_number_equal then 1 end)
            as covering_number_count
    from candidates
    group by candidates.claim_line_key
),

-- the one that covers the day; of several the one whose number stands on the claim; else nobody's guess
chosen as (
    select
        candidates.claim_line_key,
        candidates.npi_mismatch + candidates.site_mismatch as mismatch_count
    from candidates
    inner join counted on candidates.claim_line_key = counted.claim_line_key
    where
        candidates.is_covering
        and (
            counted.covering_count = 1
            or (counted.covering_number_count = 1 and candidates.is_number_equal)
        )
),

trials as (
    select
        medication_trials.*,
        coalesce(
            medication_trials.trial_weeks,
            {{ days_between('medication_trials.start_date', 'medication_trials.stop_date') }} / 7.0
        ) as weeks,
        doses.min_effective_mg,
        doses.drug_name is not null as is_antidepressant,
        max(medication_trials.episode_number)
            over (partition by medication_trials.patient_key)
            as last_episode
    from {{ ref('int_ehr__medication_trials') }} as medication_trials
    left join {{ ref('antidepressant_dose') }} as doses on medication_trials.drug_name = doses.drug_name
    where {{ in_changed_scopes('medication_trials.patient_key') }}
),

-- true, false or unknown for each trial and line
judged_trials as (
    select
        treatment_lines.claim_line_key,
        treatment_lines.are_classes_distinct,
        trials.drug_name,
        lower(trials.drug_class) as drug_class,
        trials.trial_outcome = 'inadequate'
        and not coalesce(trials.is_augmentation, false)
        and trials.start_date <= treatment_lines.service_date
        and trials.max_dose_mg >= trials.min_effective_mg
        and trials.weeks >= treatment_lines.required_weeks
        and (not treatment_lines.are_trials_of_episode or trials.episode_number = trials.last_episode)
            as is_adequate,
        trials.is_antidepressant
        and trials.start_date <= treatment_lines.service_date
        and (trials.stop_date is null or trials.stop_date >= treatment_lines.service_date) as is_active
    from treatment_lines
    inner join trials on treatment_lines.patient_key = trials.patient_key
),

trial_counts as (
    select
        judged_trials.claim_line_key,
        count(distinct case
            when
                judged_trials.is_adequate and judged_trials.are_classes_distinct
                then judged_trials.drug_class
            when judged_trials.is_adequate then judged_trials.drug_name
        end) as adequate_count,
        count(
            case
                when
                    judged_trials.is_adequate is null
                    or (
                        judged_trials.is_adequate
                        and judged_trials.are_classes_distinct
                        and judged_trials.drug_class is null
                    )
                    then 1
            end
        ) as unclear_count,
        count(case when judged_trials.is_active then 1 end) as active_count,
        count(case when judged_trials.is_active is null then 1 end) as perhaps_active_count
    from judged_trials
    group by judged_trials.claim_line_key
),

indications as (
    select
        sessions.patient_key,
        sessions.service_date,
        case when count(distinct sessions.indication_code) = 1 then min(sessions.indication_code) end
            as indication_code
    from {{ ref('int_ehr__esketamine_sessions') }} as sessions
    where {{ in_changed_scopes('sessions.patient_key') }}
    group by sessions.patient_key, sessions.service_date
),

deliveries as (
    select
        delivered.clinic_id,
        count(case when delivered.table_name = 'prior_auth' then 1 end) > 0 as has_prior_auths,
        count(case when delivered.table_name = 'medication_trial' then 1 end) > 0 as has_trials
    from {{ ref('int_ehr__deliveries') }} as delivered
    group by delivered.clinic_id
),

gathered as (
    select
        treatment_lines.*,
        indications.indication_code,
        case
            when deliveries.has_prior_auths and treatment_lines.payer_id is not null
                then coalesce(counted.covering_count, 0)
        end as covering_count,
        case when counted.listed_count > 0 or counted.unlisted_count = 0 then counted.listed_count end
            as listed_count,
        case
            when not coalesce(deliveries.has_prior_auths, false) then null
            when counted.claim_line_key is null then 0
            when counted.number_count > 0 or counted.unnumbered_count = 0 then counted.number_count
        end as number_count,
        case
            when counted.covering_number_count = 1 then 1
            else counted.covering_count
        end as tie_count,
        chosen.claim_line_key is not null as has_single_prior_auth,
        chosen.mismatch_count,
        case
            when not coalesce(deliveries.has_trials, false) then null
            when
                coalesce(trial_counts.adequate_count, 0) >= treatment_lines.required_trials
                or coalesce(trial_counts.unclear_count, 0) = 0
                then coalesce(trial_counts.adequate_count, 0)
        end as adequate_count,
        case
            when not coalesce(deliveries.has_trials, false) then null
            when
                coalesce(trial_counts.active_count, 0) > 0
                or coalesce(trial_counts.perhaps_active_count, 0) = 0
                then coalesce(trial_counts.active_count, 0)
        end as active_count
    from treatment_lines
    left join deliveries on treatment_lines.clinic_id = deliveries.clinic_id
    left join counted on treatment_lines.claim_line_key = counted.claim_line_key
    left join chosen on treatment_lines.claim_line_key = chosen.claim_line_key
    left join trial_counts on treatment_lines.claim_line_key = trial_counts.claim_line_key
    left join indications
        on
            treatment_lines.patient_key = indications.patient_key
            and treatment_lines.service_date = indications.service_date
),

facts as (
    select
        gathered.claim_line_key,
        gathered.patient_key,
        cast(gathered.covering_count as integer) as treatment_prior_auth_count,
        cast(gathered.listed_count as integer) as listed_prior_auth_count,
        gathered.claim_number is not null as has_authorization_number,
        cast(gathered.number_count as integer) as number_prior_auth_count,
        cast(gathered.tie_count as integer) as prior_auth_tie_count,
        gathered.has_single_prior_auth,
        cast(gathered.mismatch_count as integer) as prior_auth_mismatch_count,
        case
            when gathered.treatment_drug <> 'esketamine' then false
            else gathered.indication_code = 'trd'
        end as is_resistant_depression_line,
        cast(gathered.adequate_count as integer) as adequate_trial_count,
        cast(gathered.required_trials as integer) as required_trial_count,
        cast(
            case
                when gathered.adequate_count >= gathered.required_trials then 0
                else gathered.required_trials - gathered.adequate_count
            end as integer
        ) as trial_shortfall_count,
        case
            when gathered.treatment_drug <> 'esketamine' then 'not_needed'
            when gathered.is_oral_antidepressant_asked or gathered.indication_code = 'mdd_si' then 'needed'
            when
                not gathered.is_oral_antidepressant_asked or gathered.indication_code = 'trd'
                then 'not_needed'
        end as oral_antidepressant_need,
        cast(gathered.active_count as integer) as active_antidepressant_count
    from gathered
)

select
    facts.*,
    {{ row_hash(fact_names) }} as facts_hash
from facts
