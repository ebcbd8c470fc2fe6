{{ config(materialized='table') }}

with covered_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.clinic_id,
        claim_lines.claim_id,
        claim_lines.line_number,
        claim_lines.service_date,
        prior_auths.prior_auth_key,
        prior_auths.approved_units,
        prior_auths.unit_basis_code,
        -- denied and reversed lines give their units back; before any remittance the clinic's status counts
        not coalesce(
            outcomes.is_denied or outcomes.is_reversed, claims.claim_status = 'denied', false
        ) as is_consuming,
        cast(
            case prior_auths.unit_basis_code
                when 'visit' then 1
                when 'mg' then doses.administered_mg
                when 'device' then doses.administered_mg / devices.mg_per_device
                when 'unit' then claim_lines.billed_units
            end as decimal(12, 3)
        ) as needed_units
    from {{ ref('int_ehr__line_prior_auths') }} as line_prior_auths
    inner join {{ ref('int_ehr__claim_lines') }} as claim_lines
        on line_prior_auths.claim_line_key = claim_lines.claim_line_key
    inner join {{ ref('int_ehr__claims') }} as claims on claim_lines.claim_key = claims.claim_key
    inner join {{ ref('int_ehr__prior_auths') }} as prior_auths
        on line_prior_auths.covering_prior_auth_key = prior_auths.prior_auth_key
    left join {{ ref('int_ehr__line_doses') }} as doses
        on claim_lines.claim_line_key = doses.claim_line_key
    left join {{ ref('drug_reference') }} as devices
        on line_prior_auths.authorised_drug = devices.drug_alias
    left join {{ ref('int_remit__line_outcomes') }} as outcomes
        on claim_lines.claim_line_key = outcomes.claim_line_key
    where line_prior_auths.covering_prior_auth_key is not null
),

-- visits, mg and devices are used once a day, however many lines bill the session; billed units by every line
positioned as (
    select
        covered_lines.*,
        row_number() over (
            partition by covered_lines.prior_auth_key, covered_lines.service_date, covered_lines.is_consuming
            order by covered_lines.claim_id, covered_lines.line_number
        ) as session_position,
        count(case when covered_lines.is_consuming then 1 end) over (
            partition by covered_lines.prior_auth_key, covered_lines.service_date
        ) as consuming_lines_of_session
    from covered_lines
),

owned as (
    select
        positioned.*,
        case
            when positioned.unit_basis_code = 'unit' then positioned.needed_units
            when positioned.is_consuming and positioned.session_position > 1 then 0
            when not positioned.is_consuming and positioned.consuming_lines_of_session > 0 then 0
            else positioned.needed_units
        end as line_units
    from positioned
),

summed as (
    select
        owned.*,
        coalesce(sum(case when owned.is_consuming then owned.line_units else 0 end) over earlier_lines, 0)
            as known_units_before,
        count(case when owned.is_consuming and owned.line_units is null then 1 end) over earlier_lines
            as unknown_lines_before
    from owned
    window earlier_lines as (
        partition by owned.prior_auth_key
        order by owned.service_date, owned.claim_id, owned.line_number
        rows between unbounded preceding and 1 preceding
    )
)

select
    summed.claim_line_key,
    summed.prior_auth_key,
    summed.patient_key,
    summed.clinic_id,
    summed.service_date,
    summed.unit_basis_code,
    summed.approved_units,
    summed.is_consuming,
    cast(summed.line_units as decimal(12, 3)) as line_units,
    cast(case when summed.unknown_lines_before = 0 then summed.known_units_before end as decimal(12, 3))
        as used_units_before,
    cast(
        case
            when summed.unknown_lines_before = 0
                then summed.approved_units - summed.known_units_before - summed.line_units
        end as decimal(12, 3)
    ) as units_left
from summed
