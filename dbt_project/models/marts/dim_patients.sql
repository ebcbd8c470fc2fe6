with patients as (
    select * from {{ ref('int_ehr__patients') }}
),

aged as (
    select
        patient_key,
        clinic_id,
        sex,
        state_code,
        birth_date,
        extract(year from birth_date) as birth_year,
        extract(year from {{ as_of_date() }}) - extract(year from birth_date) as age_at_year_end
    from patients
),

-- ages from the limit on are one group: a limited data set names no age above 89 (45 CFR 164.514)
final as (
    select
        patient_key,
        clinic_id,
        sex,
        state_code,
        cast(
            case
                when age_at_year_end >= 90
                    then extract(year from {{ as_of_date() }}) - 90
                else birth_year
            end as integer
        ) as birth_year_capped,
        case
            when birth_date is null then null
            when age_at_year_end >= 90 then '90+'
            when age_at_year_end >= 65 then '65-89'
            when age_at_year_end >= 45 then '45-64'
            when age_at_year_end >= 25 then '25-44'
            when age_at_year_end >= 18 then '18-24'
            else '0-17'
        end as age_band
    from aged
)

select * from final
