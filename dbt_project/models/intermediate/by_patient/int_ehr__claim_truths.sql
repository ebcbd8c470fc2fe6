with ehr as (
    select * from {{ ref('int_ehr__claim_versions') }}
    where {{ in_changed_scopes('patient_key') }}
),

billed as (
    select billed_claims.*
    from {{ ref('int_billed__claims') }} as billed_claims
    where
        billed_claims.is_current
        and (
            billed_claims.claim_key in (select ehr.claim_key from ehr)
            or (not billed_claims.is_in_ehr and {{ in_changed_scopes('billed_claims.patient_key') }})
        )
),

voids as (
    select code_group.code from {{ ref('code_group') }} as code_group
    where code_group.group_name = 'frequency_void'
),

-- A draft of the EHR that an 837P bills was sent: the EHR's report is older than the claim.
joined as (
    select
        coalesce(ehr.claim_key, billed.claim_key) as claim_key,
        coalesce(ehr.patient_key, billed.patient_key) as patient_key,
        coalesce(ehr.clinic_id, billed.clinic_id) as clinic_id,
        coalesce(ehr.claim_id, billed.claim_id) as claim_id,
        coalesce(ehr.claim_version, 1) as claim_version,
        case when ehr.claim_key is null then billed.patient_id else ehr.patient_id end as patient_id,
        case when ehr.claim_key is null then billed.coverage_id else ehr.coverage_id end as coverage_id,
        coalesce(billed.patient_control_number, ehr.patient_control_number) as patient_control_number,
        case
            when billed.claim_key is not null and coalesce(ehr.claim_status, 'draft') = 'draft'
                then 'submitted'
            else ehr.claim_status
        end as claim_status,
        {% for name in [
            'frequency_code', 'original_reference_number', 'prior_authorization_number', 'place_of_service_code',
            'charge_amount',
        ] -%}
            case when billed.claim_key is null then ehr.{{ name }} else billed.{{ name }} end
                as {{ name }},
        {% endfor -%}
        case when billed.claim_key is null then ehr.claim_type_code else '837p' end as claim_type_code,
        coalesce(billed.billing_npi, ehr.billing_npi) as billing_npi,
        coalesce(billed.rendering_npi, ehr.rendering_npi) as rendering_npi,
        ehr.site_id,
        ehr.primary_eob_date,
        ehr.created_at_utc,
        ehr.submitted_at_utc,
        coalesce(ehr.submitted_date, billed.sent_date) as submitted_date,
        ehr.payer_received_at_utc,
        {% for position in range(1, 13) -%}
            case
                when billed.claim_key is null then ehr.diagnosis_{{ position }}
                else billed.diagnosis_codes[{{ position }}]
            end as diagnosis_{{ position }},
        {% endfor -%}
        billed.claim_key is not null as is_billed,
        ehr.claim_key is not null as is_in_ehr,
        case when ehr.claim_key is null then billed.patient_match_method end as patient_match_method,
        case when ehr.claim_key is null then billed.payer_id end as billed_payer_id,
        case
            when ehr.claim_key is not null and billed.claim_key is not null
                then
                    nullif(
                        concat_ws(
                            '|',
                            {% for name in [
                                'charge_amount', 'frequency_code', 'place_of_service_code', 'rendering_npi',
                            ] -%}
                                {{ billed_difference(name, 'ehr.' ~ name, 'billed.' ~ name) }},
                            {% endfor -%}
                            {% for name in ['prior_authorization_number', 'original_reference_number'] -%}
                                {{ billed_difference(
                                    name, 'trim(ehr.' ~ name ~ ')', "coalesce(trim(billed." ~ name ~ "), '')"
                                ) }},
                            {% endfor -%}
                            case
                                when
                                    ehr.diagnosis_1 is not null
                                    and concat_ws(
                                        '|',
                                        {% for position in range(1, 13) -%}
                                            ehr.diagnosis_{{ position }}{{ "," if not loop.last }}
                                        {% endfor -%}
                                    ) <> array_to_string(billed.diagnosis_codes, '|')
                                    then 'diagnoses'
                            end
                        ), ''
                    )
        end as claim_differences
    from ehr
    full outer join billed on ehr.claim_key = billed.claim_key
)

select
    joined.claim_key,
    joined.patient_key,
    {{ surrogate_key(['joined.clinic_id', 'joined.coverage_id']) }} as coverage_key,
    joined.clinic_id,
    joined.claim_id,
    joined.claim_version,
    joined.patient_id,
    joined.coverage_id,
    joined.patient_control_number,
    joined.claim_status,
    joined.frequency_code,
    joined.claim_type_code,
    joined.original_reference_number,
    joined.prior_authorization_number,
    joined.place_of_service_code,
    joined.billing_npi,
    joined.rendering_npi,
    joined.site_id,
    joined.primary_eob_date,
    joined.charge_amount,
    joined.created_at_utc,
    joined.submitted_at_utc,
    joined.submitted_date,
    joined.payer_received_at_utc,
    {% for position in range(1, 13) -%}
        joined.diagnosis_{{ position }},
    {% endfor -%}
    joined.is_billed,
    joined.is_in_ehr,
    joined.patient_match_method,
    joined.billed_payer_id,
    joined.claim_differences,
    coalesce(joined.claim_status <> 'replaced', true) and voids.code is null as is_standing
from joined
left join voids on joined.frequency_code = voids.code
