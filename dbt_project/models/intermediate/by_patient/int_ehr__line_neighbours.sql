with claim_lines as (
    select
        claim_lines.claim_line_key,
        claim_lines.patient_key,
        claim_lines.service_date,
        claim_lines.rendering_npi,
        line_codes.is_bundle_code,
        line_codes.is_bundle_excluded_service,
        line_codes.is_em_needing_25,
        line_codes.is_initial_procedure
    from {{ ref('int_ehr__claim_lines') }} as claim_lines
    inner join {{ ref('int_ehr__line_codes') }} as line_codes
        on claim_lines.claim_line_key = line_codes.claim_line_key
    where {{ in_changed_scopes('claim_lines.patient_key') }}
),

asking as (
    select * from claim_lines
    where
        service_date is not null
        and (is_bundle_code or is_bundle_excluded_service or is_em_needing_25)
),

-- pairs of lines of one patient and date; a line is its own neighbour only as a bundle line
counted as (
    select
        asking.claim_line_key,
        count(case when beside.is_bundle_code then 1 end) as bundle_lines,
        count(case when beside.is_bundle_code and beside.rendering_npi = asking.rendering_npi then 1 end)
            as same_clinician_bundle_lines,
        count(
            case
                when
                    beside.is_bundle_code and (beside.rendering_npi is null or asking.rendering_npi is null)
                    then 1
            end
        ) as unknown_clinician_bundle_lines,
        count(
            case when beside.is_initial_procedure and beside.rendering_npi = asking.rendering_npi then 1 end
        )
            as same_clinician_procedure_lines,
        count(
            case
                when
                    beside.is_initial_procedure
                    and (beside.rendering_npi is null or asking.rendering_npi is null)
                    then 1
            end
        ) as unknown_clinician_procedure_lines
    from asking
    inner join claim_lines as beside
        on
            asking.patient_key = beside.patient_key
            and asking.service_date = beside.service_date
    group by asking.claim_line_key
)

select
    asking.claim_line_key,
    asking.patient_key,
    case when asking.is_bundle_code then counted.bundle_lines end as bundle_line_count_on_date,
    case
        when not asking.is_bundle_excluded_service then null
        when counted.same_clinician_bundle_lines > 0 then counted.same_clinician_bundle_lines
        when counted.unknown_clinician_bundle_lines = 0 then 0
    end as same_clinician_bundle_line_count,
    case
        when not asking.is_em_needing_25 then null
        when counted.same_clinician_procedure_lines > 0 then counted.same_clinician_procedure_lines
        when counted.unknown_clinician_procedure_lines = 0 then 0
    end as same_clinician_procedure_line_count
from asking
inner join counted on asking.claim_line_key = counted.claim_line_key
