with prior_auths as (
    select * from {{ ref('int_ehr__prior_auths') }}
),

usage as (
    select
        lines_used.prior_auth_key,
        count(*) as consuming_line_count,
        case when count(*) = count(lines_used.line_units) then sum(lines_used.line_units) end as used_units,
        max(lines_used.service_date) as last_use_date
    from {{ ref('int_ehr__prior_auth_usage') }} as lines_used
    where lines_used.is_consuming
    group by lines_used.prior_auth_key
),

facts as (
    select
        prior_auths.clinic_id,
        prior_auths.prior_auth_id as subject_key,
        prior_auths.prior_auth_key,
        prior_auths.patient_key,
        prior_auths.payer_id,
        prior_auths.drug_name,
        prior_auths.prior_auth_status,
        prior_auths.was_ever_approved,
        prior_auths.valid_from_date,
        prior_auths.valid_to_date,
        prior_auths.approved_units,
        prior_auths.unit_basis_code,
        cast(
            case
                when prior_auths.unit_basis_code is null then null
                when usage.prior_auth_key is null then 0
                else usage.used_units
            end as decimal(12, 3)
        ) as used_units,
        cast(coalesce(usage.consuming_line_count, 0) as integer) as consuming_line_count,
        usage.last_use_date
    from prior_auths
    left join usage on prior_auths.prior_auth_key = usage.prior_auth_key
),

timed as (
    select
        facts.*,
        facts.approved_units - facts.used_units as units_left,
        cast(100 * facts.used_units / nullif(facts.approved_units, 0) as decimal(12, 1)) as used_pct,
        case
            when {{ as_of_date() }} between facts.valid_from_date and facts.valid_to_date
                then cast({{ days_between(as_of_date(), 'facts.valid_to_date') }} as integer)
        end as days_left,
        case
            when {{ as_of_date() }} < facts.valid_from_date then facts.valid_from_date
            when {{ as_of_date() }} <= facts.valid_to_date
                then cast({{ as_of_date() }} + interval '1' day as date)
        end as recheck_on
    from facts
),

final as (
    select
        timed.clinic_id,
        timed.subject_key,
        timed.prior_auth_key,
        timed.patient_key,
        timed.payer_id,
        timed.drug_name,
        timed.prior_auth_status,
        timed.was_ever_approved,
        timed.valid_from_date,
        timed.valid_to_date,
        timed.approved_units,
        timed.unit_basis_code,
        timed.used_units,
        timed.units_left,
        timed.used_pct,
        timed.consuming_line_count,
        timed.last_use_date,
        timed.days_left,
        {{ row_hash([
            'timed.prior_auth_key', 'timed.patient_key', 'timed.payer_id', 'timed.drug_name',
            'timed.prior_auth_status', 'timed.was_ever_approved', 'timed.valid_from_date', 'timed.valid_to_date',
            'timed.approved_units', 'timed.unit_basis_code', 'timed.used_units', 'timed.consuming_line_count',
            'timed.last_use_date', 'timed.days_left',
        ]) }} as row_hash,
        timed.recheck_on
    from timed
)

select * from final
