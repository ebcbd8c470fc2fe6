"""SQL of what a new table changes, against the reference models of the private warehouse.

Relations ``new_release``, ``new_ptp_pair``, ``new_mue``, ``new_code``, ``new_reason_code`` hold what was
read, as the raw tables. A change is one row of ``reference_table, change, code, beside_code, was, becomes,
from_date, to_date``; dates are the days of service whose answer changes.
"""

# days a new release will answer: from the end of the release before it to the beginning of the next one
WINDOWS = """
create temp table reference_window as
select
    incoming.reference_table,
    incoming.release_date,
    incoming.covers_to_date,
    (
        select least(max(coalesce(held.covers_to_date + 1, incoming.release_date)), incoming.release_date)
        from intermediate.int_reference__releases as held
        where held.reference_table = incoming.reference_table and held.release_date < incoming.release_date
    ) as from_date,
    (
        select min(held.release_date) - 1
        from intermediate.int_reference__releases as held
        where held.reference_table = incoming.reference_table and held.release_date > incoming.release_date
    ) as to_date
from (select distinct reference_table, release_date, covers_to_date from new_release) as incoming
"""

# whole tables hold what no clinic bills: only codes that are classed here or stand on a claim are compared
PRACTICE_CODES = """
create temp table practice_code as
select code from intermediate.int_reference__codes where code_label is not null
union
select procedure_code as code from intermediate.int_ehr__claim_lines where is_standing
union
select diagnosis_code as code from intermediate.int_ehr__claim_diagnoses
"""

_HELD = """
    inner join intermediate.int_reference__releases as releases
        on releases.reference_table = windows.reference_table
        and coalesce(releases.answers_from_date <= windows.release_date, true)
        and coalesce(releases.answers_to_date >= windows.release_date, true)
"""

PAIR_CHANGES = f"""
with windows as (select * from reference_window where reference_table = 'ptp_practitioner'),
held as (
    select windows.release_date, pairs.column_1_code, pairs.column_2_code,
        max(pairs.modifier_indicator) as indicator
    from windows {_HELD}
    inner join intermediate.int_reference__ptp_pairs as pairs on pairs.release_date = releases.release_date
    where coalesce(pairs.effective_date <= windows.covers_to_date, true)
        and coalesce(pairs.deletion_date >= windows.release_date, true)
    group by all
),
incoming as (
    select windows.release_date, pairs.column_1_code, pairs.column_2_code,
        max(pairs.modifier_indicator) as indicator
    from windows
    inner join new_ptp_pair as pairs on pairs.release_date = windows.release_date
    where pairs.column_1_code in (select code from practice_code)
        and pairs.column_2_code in (select code from practice_code)
        and coalesce(pairs.effective_date <= windows.covers_to_date, true)
        and coalesce(pairs.deletion_date >= windows.release_date, true)
        and coalesce(pairs.deletion_date > pairs.effective_date, true)
    group by all
),
-- a release comes in several files, each a range of first codes
ranges as (
    select release_date, min(column_1_code) as first_code, max(column_1_code) as last_code
    from new_ptp_pair group by release_date
)
select
    'ptp_practitioner' as reference_table,
    case when held.indicator is null then 'added' when incoming.indicator is null then 'ended'
        else 'indicator_changed' end as change,
    coalesce(incoming.column_2_code, held.column_2_code) as code,
    coalesce(incoming.column_1_code, held.column_1_code) as beside_code,
    held.indicator as was, incoming.indicator as becomes, windows.from_date, windows.to_date
from held
full outer join incoming
    on held.release_date = incoming.release_date
    and held.column_1_code = incoming.column_1_code and held.column_2_code = incoming.column_2_code
inner join windows on windows.release_date = coalesce(incoming.release_date, held.release_date)
inner join ranges on ranges.release_date = windows.release_date
where held.indicator is distinct from incoming.indicator
    and (incoming.indicator is not null or held.column_1_code between ranges.first_code and ranges.last_code)
"""

MUE_CHANGES = f"""
with windows as (select * from reference_window where reference_table = 'mue_practitioner'),
held as (
    select windows.release_date, mues.code, mues.mue_units || ' MAI ' || mues.adjudication_indicator as edit
    from windows {_HELD}
    inner join intermediate.int_reference__mues as mues on mues.release_date = releases.release_date
    where mues.code in (select code from practice_code)
),
incoming as (
    select release_date, code, mue_units || ' MAI ' || adjudication_indicator as edit from new_mue
    where code in (select code from practice_code)
)
select
    'mue_practitioner' as reference_table,
    case when held.edit is null then 'added' when incoming.edit is null then 'ended'
        else 'limit_changed' end as change,
    coalesce(incoming.code, held.code) as code, cast(null as varchar) as beside_code,
    held.edit as was, incoming.edit as becomes, windows.from_date, windows.to_date
from held
full outer join incoming on held.release_date = incoming.release_date and held.code = incoming.code
inner join windows on windows.release_date = coalesce(incoming.release_date, held.release_date)
where held.edit is distinct from incoming.edit
"""

CODE_CHANGES = """
with windows as (select * from reference_window where reference_table in ('hcpcs', 'icd10cm')),
incoming as (
    select windows.release_date, windows.covers_to_date, codes.code_system, codes.code, codes.termination_date
    from windows
    inner join new_code as codes
        on codes.release_date = windows.release_date
        and (codes.code_system = 'ICD-10-CM') = (windows.reference_table = 'icd10cm')
    where codes.is_billable and codes.code in (select code from practice_code)
),
held as (
    select windows.release_date, codes.code_system, codes.code, codes.valid_to
    from windows
    inner join intermediate.int_reference__codes as codes
        on case when windows.reference_table = 'icd10cm' then codes.code_system = 'ICD-10-CM'
            else codes.code_system in ('HCPCS', 'modifier') end
    where codes.is_billable and codes.code in (select code from practice_code)
        -- what only the seed knows as HCPCS may be of a part the release does not hold
        and coalesce(codes.valid_from <= windows.release_date, true)
        and coalesce(codes.valid_to >= windows.release_date, true)
)
select
    coalesce(incoming.code_system, held.code_system) as reference_table,
    case when held.code is null then 'added' else 'ended' end as change,
    coalesce(incoming.code, held.code) as code, cast(null as varchar) as beside_code,
    cast(held.valid_to as varchar) as was,
    case when incoming.code is null then 'not listed'
        else cast(incoming.termination_date as varchar) end as becomes,
    coalesce(incoming.termination_date + 1, incoming.release_date, held.release_date) as from_date,
    cast(null as date) as to_date
from held
full outer join incoming
    on held.release_date = incoming.release_date
    and held.code_system = incoming.code_system and held.code = incoming.code
where held.code is null and coalesce(incoming.termination_date >= incoming.release_date, true)
    or held.code is not null and incoming.code is null and held.code_system = 'ICD-10-CM'
    or incoming.termination_date is distinct from held.valid_to and incoming.termination_date is not null
"""

REASON_CHANGES = """
select
    incoming.code_type as reference_table, 'ended' as change, incoming.code,
    cast(null as varchar) as beside_code,
    cast(held.stop_date as varchar) as was, cast(incoming.stop_date as varchar) as becomes,
    incoming.stop_date as from_date, cast(null as date) as to_date
from new_reason_code as incoming
inner join intermediate.int_reference__reason_codes as held
    on held.code_type = incoming.code_type and held.code = incoming.code
where incoming.stop_date is distinct from held.stop_date and incoming.stop_date is not null
"""

CHANGES = (PAIR_CHANGES, MUE_CHANGES, CODE_CHANGES, REASON_CHANGES)

# open: no payer has answered. One row per claim and change; claim numbers are for the private list only
OPEN_CLAIMS = """
with open_lines as (
    select claims.clinic_id, claims.claim_id, claims.claim_key, claims.charge_amount, lines.patient_key,
        lines.service_date, lines.procedure_code as code
    from marts.fct_claims as claims
    inner join intermediate.int_ehr__claim_lines as lines on claims.claim_key = lines.claim_key
    where claims.claim_outcome = 'not_answered' and lines.is_standing
),
subjects as (
    select clinic_id, claim_id, claim_key, charge_amount, patient_key, service_date, code from open_lines
    union
    select lines.clinic_id, lines.claim_id, lines.claim_key, lines.charge_amount, lines.patient_key,
        lines.service_date, diagnoses.diagnosis_code as code
    from open_lines as lines
    inner join intermediate.int_ehr__claim_diagnoses as diagnoses on lines.claim_key = diagnoses.claim_key
)
select distinct subjects.clinic_id, subjects.claim_id, subjects.service_date, changes.reference_table,
    changes.change, changes.code, changes.beside_code, changes.was, changes.becomes, subjects.charge_amount
from reference_change as changes
inner join subjects
    on subjects.code = changes.code
    and coalesce(changes.from_date <= subjects.service_date, true)
    and coalesce(changes.to_date >= subjects.service_date, true)
where changes.reference_table not in ('CARC', 'RARC')
    and (changes.beside_code is null or exists (
        select 1 from intermediate.int_ehr__claim_lines as beside
        where beside.is_standing and beside.patient_key = subjects.patient_key
            and beside.service_date = subjects.service_date and beside.procedure_code = changes.beside_code
    ))
order by subjects.charge_amount desc nulls last, subjects.clinic_id, subjects.claim_id, changes.code,
    changes.beside_code, changes.change
"""
