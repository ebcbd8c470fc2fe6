{{ config(materialized='table') }}

with billed as (
    select
        claims.billed_claim_key,
        matches.clinic_id,
        claims.patient_birth_date,
        claims.service_from_date,
        {{ billed_member_number('claims.subscriber_member_id') }} as member_number,
        coalesce(by_id.payer_id, by_name.payer_id, {{ normalised_payer('claims.payer_id') }}) as payer_id
    from {{ ref('stg_billed__claims') }} as claims
    inner join {{ ref('int_billed__claim_matches') }} as matches
        on claims.billed_claim_key = matches.billed_claim_key
    left join {{ ref('int_remit__payer_names') }} as by_id
        on by_id.spelling = {{ normalised_payer('claims.payer_id') }}
    left join {{ ref('int_remit__payer_names') }} as by_name
        on by_name.spelling = {{ normalised_payer('claims.payer_name') }}
),

coverages as (
    select * from {{ ref('int_ehr__coverages') }}
),

patients as (
    select * from {{ ref('int_ehr__patients') }}
),

candidates as (
    select
        billed.billed_claim_key,
        coverages.patient_key,
        coverages.patient_id,
        coverages.coverage_id,
        coalesce(billed.patient_birth_date = patients.birth_date, false) as is_same_birth_date,
        row_number() over (
            partition by billed.billed_claim_key, coverages.patient_key
            order by
                coalesce(coverages.payer_id = billed.payer_id, false) desc,
                {{ is_in_force(
                    'billed.service_from_date', 'coverages.effective_from_date', 'coverages.effective_to_date'
                ) }} desc nulls last,
                coverages.coverage_priority asc nulls last,
                coverages.coverage_id asc
        ) as coverage_rank
    from billed
    inner join coverages
        on
            billed.clinic_id = coverages.clinic_id
            and billed.member_number = {{ billed_member_number('coverages.member_id') }}
    left join patients on coverages.patient_key = patients.patient_key
    where coalesce(billed.patient_birth_date = patients.birth_date, true)
),

people as (
    select
        billed_claim_key,
        count(*) as patient_count,
        count(case when is_same_birth_date then 1 end) as same_birth_date_count
    from candidates
    where coverage_rank = 1
    group by billed_claim_key
),

matched as (
    select
        candidates.billed_claim_key,
        candidates.patient_key,
        candidates.patient_id,
        candidates.coverage_id,
        case
            when candidates.is_same_birth_date then 'member_and_birth_date'
            else 'member_only'
        end as patient_match_method
    from candidates
    inner join people on candidates.billed_claim_key = people.billed_claim_key
    where
        candidates.coverage_rank = 1
        and (
            (people.same_birth_date_count = 1 and candidates.is_same_birth_date)
            or (people.same_birth_date_count = 0 and people.patient_count = 1)
        )
),

final as (
    select
        billed.billed_claim_key,
        billed.payer_id,
        matched.patient_key,
        matched.patient_id,
        matched.coverage_id,
        case
            when matched.billed_claim_key is not null then matched.patient_match_method
            when people.billed_claim_key is not null then 'ambiguous'
            else 'none'
        end as patient_match_method
    from billed
    left join matched on billed.billed_claim_key = matched.billed_claim_key
    left join people on billed.billed_claim_key = people.billed_claim_key
)

select * from final
