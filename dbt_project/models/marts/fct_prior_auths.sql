with prior_auths as (
    select * from {{ ref('int_ehr__prior_auths') }}
),

audited as (
    select * from {{ ref('audit_prior_auth') }}
),

final as (
    select
        prior_auths.prior_auth_key,
        prior_auths.patient_key,
        prior_auths.clinic_id,
        prior_auths.prior_auth_id,
        prior_auths.prior_authorization_number,
        prior_auths.payer_id,
        {{ surrogate_key(['prior_auths.payer_id']) }} as payer_key,
        prior_auths.drug_name,
        prior_auths.procedure_code_list,
        prior_auths.indication_code,
        prior_auths.is_expedited,
        prior_auths.prior_auth_status,
        prior_auths.was_ever_approved,
        case
            when not prior_auths.was_ever_approved then 'not_approved'
            when prior_auths.valid_from_date is null or prior_auths.valid_to_date is null then 'undated'
            when prior_auths.valid_to_date < {{ as_of_date() }} then 'ended'
            when prior_auths.valid_from_date > {{ as_of_date() }} then 'not_started'
            when audited.units_left <= 0 then 'used_up'
            else 'running'
        end as coverage_state,
        prior_auths.submitted_date,
        prior_auths.decided_date,
        prior_auths.valid_from_date,
        prior_auths.valid_to_date,
        cast(audited.days_left as integer) as days_left,
        prior_auths.unit_basis_code,
        cast(prior_auths.approved_units as decimal(18, 3)) as approved_units,
        cast(audited.used_units as decimal(18, 3)) as used_units,
        cast(audited.units_left as decimal(18, 3)) as units_left,
        cast(audited.used_pct as decimal(18, 2)) as used_pct,
        cast(audited.consuming_line_count as integer) as consuming_line_count,
        audited.last_use_date,
        {{ as_of_date() }} as as_of_date
    from prior_auths
    inner join audited on prior_auths.prior_auth_key = audited.prior_auth_key
)

select * from final
