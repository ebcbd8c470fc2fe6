with billed as (
    select * from {{ ref('int_billed__claims') }}
)

select
    billed_claim_key,
    case when match_status not in ('no_clinic', 'no_number') then claim_key end as claim_key,
    clinic_id,
    match_status,
    is_current,
    patient_match_method,
    case
        when match_status = 'no_clinic' then 'Add the billing NPI to a site of the clinic.'
        when match_status = 'no_number' then 'Ask the sender for the claim number (CLM01).'
        when is_current and patient_match_method in ('none', 'ambiguous')
            then 'Add member number and birth date of the patient to the EHR export.'
        when is_current and not is_in_ehr then 'Export the claim from the EHR too.'
    end as next_step,
    payer_id,
    {{ surrogate_key(['payer_id']) }} as payer_key,
    payer_responsibility_code,
    sent_date,
    service_from_date,
    frequency_code,
    place_of_service_code,
    line_count,
    {{ money_amount('charge_amount') }} as charge_amount,
    {{ money_amount('line_charge_amount') }} as line_charge_amount,
    {{ money_amount('unexplained_amount') }} as unexplained_amount,
    patient_control_number,
    _file_sha256 as file_sha256,
    st_index,
    claim_index
from billed
