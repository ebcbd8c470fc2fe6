"""Which claim and line of ours an answer is for: each way once, each near miss left on the work list."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from money_practice import DAY, NPI_A, claim_rows, one_line
from money_rows import Claim, Line, Payment, remit_rows
from tiny_raw import File
from warehouse import Warehouse

MakeWarehouse = Callable[[str], Warehouse]
D = Decimal


def practice() -> dict[str, Any]:
    """Claims of one clinic with one payer; the first line of M-MODS and M-SVC06 are not the usual code."""
    rows = claim_rows(
        "CLINIC-A", NPI_A,
        ("M-EXACT", "A1", ["10"]), ("M-ZEROS", "A2", ["11"]), ("M-6R", "A3", ["12"]),
        ("M-F8", "A4", ["13"]), ("M-ICN", "A5", ["14"]), ("M-SERVICES", "A6", ["15", "16"]),
        ("M-TWIN-1", "A7", ["17"]), ("M-TWIN-2", "A8", ["17"]), ("M-MEMBER", "A9", ["18"]),
        ("M-ANSWERED", "B1", ["19"]), ("M-SVC06", "B2", ["20", "20"]), ("M-MODS", "B3", ["21", "21"]),
        ("M-SPLIT", "B4", ["100", "30"]), ("M-SPLIT-6R", "B5", ["100", "30"]),
        ("M-BUNDLE", "B6", ["40", "60", "5"]),
        ("M-RECODED", "B7", ["70", "80"]), ("M-SAME", "B8", ["25", "25"]), ("M-EXTRA", "B9", ["9"]),
        ("M-BUNDLE-DENIED", "C1", ["40", "60"]),
    )  # fmt: skip
    for line in rows["claim_line"]:
        if (line["claim_id"], line["line_no"]) == ("M-SVC06", 1):
            line["code"] = "G2082"
        if (line["claim_id"], line["line_no"]) == ("M-MODS", 1):
            line["mod1"] = "25"
    rows["coverage"] = [
        {
            "clinic_id": "CLINIC-A",
            "coverage_id": "COV",
            "patient_id": f"P-{claim['claim_id']}",
            "payer_id": "aetna",
        }
        for claim in rows["claim"]
    ]
    for claim, coverage in zip(rows["claim"], rows["coverage"], strict=True):
        claim["coverage_id"] = coverage["coverage_id"] = f"COV-{claim['claim_id']}"
        coverage["member_id"] = f"MEM-{claim['claim_id']}"
    return rows


def line(charge: str, paid: str, **more: Any) -> Line:
    """A line without a control number; the rest is contractual."""
    rest = str(D(charge) - D(paid))
    return Line(more.pop("code", "99214"), charge, paid, [("CO", "45", rest)], service_date=DAY, **more)


ANSWERS = Payment("ANSWERS", date(2026, 3, 10), [
    Claim("A1", "10", "1", [line("10", "1")]),
    Claim("00A2", "11", "1", [line("11", "1")]),
    Claim("LOST", "12", "1", [one_line("A3", "12", "1", ("CO", "45", "11"))]),
    Claim("A4", "13", "1", [line("13", "1")], payer_number="ICN-4"),
    Claim("A5", "14", "1", [line("14", "1")], payer_number="ICN-5"),
    Claim("0", "31", "2", [line("15", "1"), line("16", "1")]),  # services of M-SERVICES
    Claim("0", "17", "1", [line("17", "1")]),  # two claims fit
    Claim("0", "18", "1", [line("18", "1")], member_id="MEM-ELSE"),  # another member: not M-MEMBER
    Claim("B1", "19", "1", [line("19", "1")]),
    Claim("X9", "19", "1", [line("19", "1")]),  # M-ANSWERED has its answer
    Claim("B2", "40", "2", [line("20", "1", code="99213", original_code="G2082"), line("20", "1")]),
    Claim("B3", "42", "2", [line("21", "1", modifier="25"), line("21", "1")]),
    Claim("B4", "130", "13", [line("60", "6"), line("40", "4"), line("30", "3")]),
    Claim("B5", "130", "13", [
        one_line("B5", "60", "6", ("CO", "45", "54")), one_line("B5", "40", "4", ("CO", "45", "36")),
        line("30", "3"),
    ]),
    Claim("B6", "105", "10", [line("100", "9"), line("5", "1")]),
    Claim("B7", "150", "15", [line("70", "7"), line("80", "8", code="99213")]),
    Claim("B8", "50", "2", [line("25", "1"), line("25", "1")]),
    Claim("B9", "10", "1", [line("9", "1"), line("1", "0", code="99499")]),
    Claim("C1", "100", "0", [Line("99214", "100", "0", [("CO", "50", "100")], service_date=DAY)]),
])  # fmt: skip
LATER = Payment("LATER", date(2026, 3, 20), [
    Claim("NEW-4", "-13", "-1", [line("-13", "-1")], status="22", original_number="ICN-4"),
    Claim("NEW-5", "-14", "-1", [line("-14", "-1")], status="22", payer_number="ICN-5"),
], amount="-2")  # fmt: skip
FILES = (
    File("match-ehr", practice()),
    File("match-era", remit_rows(ANSWERS)),
    File("match-era-2", remit_rows(LATER)),
)


@pytest.fixture(scope="module")
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    built = make_warehouse("matching")
    built.raw.commit(*FILES)
    built.run("build", "--exclude", "resource_type:unit_test")
    return built


def test_matching_every_way_finds_its_claim(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        "select distinct claims.claim_id, events.claim_match_method from marts.fct_remit_events as events"
        " inner join marts.fct_claims as claims using (claim_key)"
        " where events.claim_match_method <> 'control_number' order by all"
    )
    assert found == [
        ("M-6R", "line_control_number"),
        ("M-F8", "original_reference_number"),
        ("M-ICN", "payer_control_number"),
        ("M-SERVICES", "code_date_charge"),
        ("M-ZEROS", "control_number_normalised"),
    ]


def test_matching_near_misses_are_work_and_not_lost(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select unmatched_level, unmatched_reason, charge_amount, paid_amount from marts.fct_unmatched_remits"
        " order by all"
    ) == [
        ("claim", "claim_ambiguous", D(17), D(1)),
        ("claim", "claim_number_lost", D(18), D(1)),
        ("claim", "claim_number_unknown", D(19), D(1)),
        ("line", "line_ambiguous", D(25), D(1)),
        ("line", "line_ambiguous", D(25), D(1)),
        ("line", "line_unknown", D(1), D(0)),
    ]
    [(events, payments)] = warehouse.rows(
        "select (select sum(cash_amount) from marts.fct_remit_events),"
        " (select sum(payment_amount) from marts.fct_remittance_reconciliation)"
    )
    assert events == payments == ANSWERS.bpr + LATER.bpr


LINES = {
    # claim: (line, paid, outcome) of each
    "M-SVC06": [(1, D(1), "paid"), (2, D(1), "paid")],
    "M-MODS": [(1, D(1), "paid"), (2, D(1), "paid")],
    "M-SPLIT": [(1, D(10), "paid"), (2, D(3), "paid")],
    "M-SPLIT-6R": [(1, D(10), "paid"), (2, D(3), "paid")],
    "M-BUNDLE": [(1, None, "paid_with_claim"), (2, None, "paid_with_claim"), (3, D(1), "paid")],
    "M-BUNDLE-DENIED": [(1, None, "denied"), (2, None, "denied")],
    "M-RECODED": [(1, D(7), "paid"), (2, D(8), "paid")],
    "M-SAME": [(1, None, "not_answered"), (2, None, "not_answered")],
    "M-EXTRA": [(1, D(1), "paid")],
}


@pytest.mark.parametrize("claim_id", list(LINES))
def test_matching_lines_get_what_was_paid_for_them(warehouse: Warehouse, claim_id: str) -> None:
    assert (
        warehouse.rows(
            "select line_number, paid_amount, line_outcome from marts.fct_claim_lines where claim_id = ?"
            " order by 1",
            [claim_id],
        )
        == LINES[claim_id]
    )


def test_matching_split_and_bundled_lines_are_told_apart(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select claims.claim_id, events.line_match_kind, events.line_match_method, count(*),"
        " sum(events.paid_amount)"
        " from marts.fct_remit_events as events inner join marts.fct_claims as claims using (claim_key)"
        " where events.line_match_kind <> 'single' or claims.claim_id = 'M-RECODED' group by all order by all"
    ) == [
        ("M-BUNDLE", "bundled", "date_and_charge_of_rest", 1, D(9)),
        ("M-BUNDLE-DENIED", "bundled", "date_and_charge_of_rest", 1, D(0)),
        ("M-RECODED", "single", "code_modifiers_date_charge", 1, D(7)),
        ("M-RECODED", "single", "date_and_charge_of_rest", 1, D(8)),
        ("M-SPLIT", "split", "date_and_charge_of_rest", 2, D(10)),
        ("M-SPLIT-6R", "split", "line_control_number", 2, D(10)),
    ]
    assert warehouse.rows(
        "select sum(allowed_amount) from marts.fct_claim_lines where claim_id in ('M-SPLIT', 'M-SPLIT-6R')"
    ) == [(D(26),)]


def test_matching_does_not_depend_on_the_order_of_arrival(
    warehouse: Warehouse, make_warehouse: MakeWarehouse
) -> None:
    other = make_warehouse("matching-backwards")
    for file in FILES[::-1]:
        other.raw.commit(file)
    other.run("run")
    assert other.content(["marts"], ["fct_file_ledger"]) == warehouse.content(["marts"], ["fct_file_ledger"])
