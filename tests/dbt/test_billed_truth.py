"""What an 837P says was billed wins over the EHR report, whatever came first; nothing is lost or doubled."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import pytest
from around_rows import merge
from billed_rows import batch_837, claim_837, line_837
from chart_rows import administration, claim, coverage, encounter, line, site
from conftest import MakeWarehouse
from tiny_raw import File
from warehouse import Warehouse

BUILT = ("intermediate", "audit")
EVERYTHING = ("--select", "+path:models/audit", "--exclude", "resource_type:seed")
EHR_ONLY = (*EVERYTHING, "stg_remit__*", "audit_remittance", "int_remit__*,config.materialized:table")
BORN = date(1980, 1, 2)


def at(day: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, 10)


EHR = File(
    "ehr",
    {
        "site": [site()],
        "patient": [
            {"clinic_id": "c1", "patient_id": "p1", "birth_date": BORN},
            {"clinic_id": "c1", "patient_id": "p2", "birth_date": date(1990, 5, 5)},
            {"clinic_id": "c1", "patient_id": "p3", "birth_date": date(2012, 6, 6)},
        ],
        "coverage": [
            coverage("p1", member_id="W-100"),
            coverage("px", member_id="W300"),
            coverage("p2", member_id="W200"),
            coverage("p3", member_id="W200"),
        ],
        "patient_merge": [merge("px", "p1")],
        "encounter": [encounter("e1", "p1")],
        "administration": [administration("e1")],
        "claim": [
            claim("same"),
            claim("other", pa_number="PA1", dx2="F41.1", pos="11"),
            claim("draft", status="draft"),
            claim("sent", status="draft", created_at=at(11)),
            claim("redone", submitted_at=at(1)),
            claim("waits", submitted_at=at(1)),
            claim("waits", version=2, frequency="7", status="draft", created_at=at(20)),
            claim("orders"),
        ],
        "claim_line": [
            line("same"),
            line("other", line_control="A1"),
            line("other", 2, "99214", "1", charge=Decimal("150.00"), mod1="25"),
            line("other", 3, "90837", "1", charge=Decimal("50.00")),
            line("draft"),
            line("sent"),
            line("redone"),
            line("waits"),
            line("waits", version=2, units="84"),
            line("orders", 1, "99214", "1", charge=Decimal("150.00"), encounter_id="e1"),
            line("orders", 2, "J0013", "84", encounter_id="e1"),
        ],
    },
    1,
)
MEMBER = {"subscriber_member_id": "w100", "patient_birth_date": BORN}
FIRST = File(
    "first.837",
    batch_837(
        claim_837("PCN-same", line_837()),
        claim_837(
            "PCN-other",
            line_837("99213", "1", "150"),
            line_837("J0013", "84", "1500", line_control_number="A1"),
            line_837("96372", "1", "20"),
            dx=("F332", "F331"),
            place_of_service_code="10",
        ),
        claim_837("PCN-sent", line_837()),
        claim_837("PCN-redone", line_837(), sent=date(2026, 3, 1)),
        claim_837("PCN-waits", line_837(), sent=date(2026, 3, 2)),
        claim_837("PCN-orders", line_837("J0013", "84"), line_837("99214", "1", "150")),
        claim_837("ONLY1", line_837("90837", "1", "200"), **MEMBER),
        claim_837("ONLY2", line_837("90837", "1", "210"), subscriber_member_id="X9"),
        claim_837("CHILD", line_837("90837", "1", "220"), subscriber_member_id="W200",
                  patient_birth_date=date(2012, 6, 6)),
        claim_837("TWINS", line_837("90837", "1", "230"), subscriber_member_id="W200"),
        claim_837("MERGED", line_837("90837", "1", "250"), subscriber_member_id="W300"),
        claim_837("ELSEWHERE", line_837("90837", "1", "240"), billing_provider_npi="9999999999"),
    ),
    2,
)  # fmt: skip
AGAIN = File("first_again.837", FIRST.rows, 3)
SECOND = File(
    "second.837",
    batch_837(
        claim_837("PCN-redone", line_837(units="84", charge="1500"), frequency_code="7",
                  original_reference_number="ICN1", sent=date(2026, 3, 20)),
        claim_837("PCN-same", line_837(), payer_responsibility_code="S", payer_id="medicare_b",
                  sent=date(2026, 4, 2)),
    ),
    4,
)  # fmt: skip
BATCHES: Sequence[Sequence[File]] = ([EHR], [FIRST], [AGAIN], [SECOND])


@pytest.fixture(scope="module")
def built(make_warehouse: MakeWarehouse) -> Warehouse:
    warehouse = make_warehouse("billed")
    for batch in BATCHES:
        warehouse.raw.commit(*batch)
    warehouse.run(
        "build",
        "--select",
        "+path:models/marts",
        "+path:models/audit",
        "--exclude",
        "resource_type:seed",
        "resource_type:unit_test",
    )
    return warehouse


def of_claim(built: Warehouse, claim_id: str, *columns: str) -> tuple[object, ...]:
    (row,) = built.rows(
        f"select {', '.join(columns)} from intermediate.int_ehr__claims where claim_id = ?", [claim_id]
    )
    return row


def lines_of(built: Warehouse, claim_id: str, *columns: str) -> list[tuple[object, ...]]:
    return built.rows(
        f"select {', '.join(columns)} from intermediate.int_ehr__claim_lines"
        " where claim_id = ? order by line_number",
        [claim_id],
    )


def differences(built: Warehouse, claim_id: str) -> tuple[object, ...]:
    return of_claim(built, claim_id, "is_billed", "billed_difference_count", "billed_differences")


def test_a_claim_both_tell_alike_has_no_difference_and_keeps_its_visit(built: Warehouse) -> None:
    assert differences(built, "same") == (True, 0, None)
    assert lines_of(built, "same", "line_number", "encounter_id", "line_match_method") == [
        (1, "e1", "number_code_date")
    ]
    assert of_claim(built, "same", "payer_id") == ("aetna",)  # the claim to the second payer changes nothing


def test_what_was_billed_wins_and_the_difference_is_named(built: Warehouse) -> None:
    assert of_claim(
        built, "other", "charge_amount", "place_of_service_code", "prior_authorization_number", "diagnosis_2"
    ) == (Decimal("1670.00"), "10", None, "F33.1")
    assert lines_of(built, "other", "line_number", "procedure_code", "modifier_1", "billed_units") == [
        (1, "J0013", None, Decimal("84.000")),
        (3, "96372", None, Decimal("1.000")),
        (4, "99213", None, Decimal("1.000")),
    ]
    names = (
        "charge_amount|place_of_service_code|prior_authorization_number|diagnoses|837P line 1 not_in_ehr"
        "|line 1 billed_units|line 1 charge_amount|line 2 not_billed"
        "|line 3 procedure_code|line 3 charge_amount"
    )
    assert differences(built, "other") == (True, 10, names)


def test_a_billed_claim_is_professional_in_the_words_of_the_contract(built: Warehouse) -> None:
    assert of_claim(built, "other", "claim_type_code") == ("837p",)
    excluded = built.rows(
        "select lines.procedure_code from intermediate.int_ehr__line_infusion_facts as facts"
        " inner join intermediate.int_ehr__claim_lines as lines using (claim_line_key)"
        " where lines.claim_id = 'other' and facts.is_facility_excluded_code order by 1"
    )
    assert excluded == [("96372",), ("J0013",)]  # what a clinician may not bill in a facility


def test_lines_in_another_order_are_found_by_code_and_day(built: Warehouse) -> None:
    assert lines_of(built, "orders", "line_number", "procedure_code", "line_match_method") == [
        (1, "99214", "code_date"),
        (2, "J0013", "code_date"),
    ]


def test_drafts_stay_drafts_until_they_are_sent(built: Warehouse) -> None:
    assert of_claim(built, "draft", "claim_status", "is_billed") == ("draft", False)
    assert of_claim(built, "sent", "claim_status", "is_billed") == ("submitted", True)


def test_a_replacement_counts_instead_of_the_original(built: Warehouse) -> None:
    assert of_claim(built, "redone", "frequency_code", "original_reference_number", "charge_amount") == (
        "7", "ICN1", Decimal("1500.00"),
    )  # fmt: skip


def test_a_replacement_not_sent_yet_is_not_overwritten_by_the_original(built: Warehouse) -> None:
    assert of_claim(built, "waits", "claim_version", "frequency_code", "claim_status", "is_billed") == (
        2, "7", "draft", False,
    )  # fmt: skip
    assert lines_of(built, "waits", "billed_units") == [(Decimal("84.000"),)]


def test_a_claim_only_billed_becomes_a_claim_of_its_patient(built: Warehouse) -> None:
    columns = (
        "patient_id",
        "coverage_id",
        "payer_id",
        "patient_match_method",
        "charge_amount",
        "claim_status",
    )
    assert of_claim(built, "ONLY1", *columns) == (
        "p1", "cov-p1", "aetna", "member_and_birth_date", Decimal("200.00"), "submitted",
    )  # fmt: skip
    assert of_claim(built, "CHILD", "patient_id") == ("p3",)
    assert of_claim(built, "MERGED", "patient_id", "coverage_id") == ("p1", "cov-px")
    assert of_claim(built, "TWINS", "patient_id", "patient_match_method") == (None, "ambiguous")
    assert of_claim(built, "ONLY2", "patient_id", "patient_match_method", "payer_id") == (
        None,
        "none",
        "aetna",
    )
    assert of_claim(built, "ONLY2", "billed_difference_count") == (None,)


def test_every_claim_sent_is_listed_once_and_each_charge_counts_once(built: Warehouse) -> None:
    found = built.rows("select match_status, count(*) from marts.fct_billed_claims group by 1 order by 1")
    assert found == [
        ("matched", 5), ("no_clinic", 2), ("older_version", 2), ("only_billed", 5), ("superseded", 12),
    ]  # fmt: skip
    ((charged,),) = built.rows("select sum(charge_amount) from marts.fct_billed_claims where is_current")
    assert charged == Decimal(1000 + 1670 + 1000 + 1500 + 1150 + 200 + 210 + 220 + 230 + 250)
    ((unknown,),) = built.rows(
        "select count(*) from marts.fct_claims where patient_key is null and claim_id in ('ONLY2', 'TWINS')"
    )
    assert unknown == 2


def test_facts_of_the_rule_are_in_the_audit_model(built: Warehouse) -> None:
    found = built.rows(
        "select subject_key, billed_difference_count from audit.audit_claim"
        " where is_in_ehr_and_837p order by 1"
    )
    assert found == [("orders", 1), ("other", 10), ("redone", 4), ("same", 0), ("sent", 0)]


ORDERS = [
    pytest.param([FIRST, EHR, SECOND, AGAIN], id="claims_first"),
    pytest.param([SECOND, AGAIN, EHR, FIRST], id="newest_first", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("order", ORDERS)
def test_any_order_of_arrival_gives_the_same_rows(
    built: Warehouse, make_warehouse: MakeWarehouse, order: list[File]
) -> None:
    steps = make_warehouse(f"billed_{order[0].name}")
    base = File("base", {"site": [site()], "claim": [claim("k0", "p0")], "claim_line": [line("k0")]})
    for number, file in enumerate([base, *order]):
        steps.raw.commit(file)
        steps.run("run", *(EHR_ONLY if number else EVERYTHING))
    once = make_warehouse(f"billed_once_{order[0].name}")
    for file in [base, *order]:
        once.raw.commit(file)
    once.run("run", *EVERYTHING)
    one, other = (w.content(BUILT, without=("int_scope_changes",)) for w in (steps, once))
    lineage = {"int_billed__claims"}  # the commit that brought a row differs by order, not its content
    assert [name for name in other if name not in lineage and one[name] != other[name]] == []
