with newest as (
    select * from {{ current_patient_rows('stg_ehr__cash_sales', 'cash_sale_key') }} as current_rows
)

select
    newest.cash_sale_key,
    newest.surviving_patient_key as patient_key,
    newest.encounter_key,
    newest.clinic_id,
    newest.sale_id,
    newest.surviving_patient_id as patient_id,
    newest.package_id,
    lower(newest.sale_kind) as sale_kind,
    newest.sold_date,
    newest.session_count,
    newest.sale_amount,
    newest.encounter_id,
    newest.is_superbill_given
from newest
