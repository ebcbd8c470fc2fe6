"""Marts of what clinics track beside claims: appeals, balances, packages, superbills, benefit checks."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from around_rows import appeal, benefit_check, cash_sale, patient_payment, superbill, superbill_outcome
from chart_rows import claim, coverage, line, site
from conftest import MakeWarehouse
from money_rows import Claim, Line, Payment, RemitFile
from tiny_raw import File
from warehouse import Warehouse

MARTS = ("fct_appeals", "fct_patient_balances", "fct_packages", "fct_superbills", "fct_benefit_checks")
SELECTED = ("--select", *(f"+{mart}" for mart in (*MARTS, "dim_payers")), "--exclude", "resource_type:seed")
D = Decimal
BILLED = {
    "site": [site()],
    "coverage": [coverage("p1"), coverage("p2")],
    "claim": [claim("k1", "p1"), claim("k2", "p2"), claim("k3", "p1")],
    "claim_line": [
        line("k1", encounter_id=None),
        line("k2", encounter_id=None),
        line("k3", encounter_id=None),
    ],
}
AROUND = {
    "appeal": [
        appeal("won", "k1", outcome="overturned", decided_on=date(2026, 4, 9), recovered_amount=D("80")),
        appeal("open", "k2", outcome=None, sent_on=date(2026, 5, 2)),
        appeal("unknown claim", "k9", outcome="upheld", decided_on=date(2026, 4, 9), recovered_amount=D("0")),
    ],
    "patient_payment": [
        patient_payment("a", "p1", "30"),
        patient_payment("b", "p1", "25", kind="balance", claim_id=None),
        patient_payment("c", "p1", "-5", kind="refund"),
        patient_payment("d", "p1", "7", kind="refund", claim_id=None),
        patient_payment("e", "p1", "2400", kind="package", claim_id=None),
        patient_payment("f", "p1", "9", kind=None),
    ],
    "cash_sale": [
        cash_sale("s1"),
        cash_sale("s2", kind="session_used", sessions=None, amount=None, superbill_given=True),
        cash_sale("s3", kind="session_used", sessions=2, amount=None),
        cash_sale("s4", kind="refund", sessions=1, amount=D("-400")),
        cash_sale("s5", "p2", package_id="pk2", sessions=1, amount=D("500")),
        cash_sale("s6", "p2", kind="session_used", package_id="pk2", sessions=2, amount=None),
        cash_sale("s7", "p2", package_id=None, sessions=None, amount=D("100")),
    ],
    "superbill": [superbill("one"), superbill("two", paid=D("350"))],
    "superbill_outcome": [superbill_outcome("one"), superbill_outcome("three", "p2", outcome="denied")],
    "benefit_check": [
        benefit_check("old", verified_on=date(2026, 3, 1), drug="Spravato"),
        benefit_check("new", verified_on=date(2026, 4, 1), drug="esketamine", payer_id="nobody knows"),
        benefit_check("newer", verified_on=date(2026, 5, 1), drug="esketamine"),
    ],
}


def remit(
    trace: str, day: date, number: str, paid: str, *adjustments: tuple[str, str, str], **given: Any
) -> Payment:
    one = Claim(number, "1000.00", paid, [Line("J0013", "1000.00", paid, adjustments)])
    return Payment(trace, day, [one], payee_npi="1111111111", **given)


# the primary leaves 100 to p1, the secondary then pays 60 of it; p2 owes 20 by its only answer
REMITS = [
    remit("T1", date(2026, 4, 1), "PCN-k1", "700.00", ("PR", "2", "100.00"), ("CO", "45", "200.00")),
    remit(
        "T2",
        date(2026, 4, 20),
        "PCN-k1",
        "60.00",
        ("PR", "2", "40.00"),
        ("OA", "23", "900.00"),
        payer="cigna",
    ),
    remit("T3", date(2026, 4, 2), "PCN-k2", "980.00", ("PR", "3", "20.00")),
]


@pytest.fixture(scope="module")
def marts(make_warehouse: MakeWarehouse) -> Warehouse:
    warehouse = make_warehouse("around")
    warehouse.raw.commit(
        File("billed", BILLED), File("around", AROUND), File("remits", RemitFile(REMITS).build())
    )
    warehouse.run("run", *SELECTED)
    warehouse.run("test", "--select", *MARTS, "dim_payers", "--indirect-selection", "cautious")
    return warehouse


def test_appeals(marts: Warehouse) -> None:
    rows = marts.rows(
        "select appeal_id, appeal_outcome, days_to_decision, days_waiting, recovered_amount, payer_id"
        " from marts.fct_appeals order by 1"
    )
    assert rows == [
        ("open", "pending", None, 30, None, "aetna"),
        ("unknown claim", "upheld", 30, None, D("0.00"), None),
        ("won", "overturned", 30, None, D("80.00"), "aetna"),
    ]


def test_balances_are_what_the_last_payer_leaves_less_what_was_paid(marts: Warehouse) -> None:
    rows = marts.rows(
        "select patients.patient_id, answered_claim_count, responsibility_amount, paid_amount,"
        " refunded_amount, balance_amount, other_refund_amount, package_amount, unclear_payment_count"
        " from marts.fct_patient_balances join (select distinct patient_key, patient_id from"
        " intermediate.int_ehr__claims) as patients using (patient_key) order by 1"
    )
    assert rows == [
        ("p1", 1, D("40.00"), D("55.00"), D("5.00"), D("-10.00"), D("7.00"), D("2400.00"), 1),
        ("p2", 1, D("20.00"), D("0.00"), D("0.00"), D("20.00"), D("0.00"), D("0.00"), 0),
    ]


def test_packages(marts: Warehouse) -> None:
    rows = marts.rows(
        "select package_id, package_state, sold_session_count, used_session_count, refunded_session_count,"
        " left_session_count, kept_amount, used_amount, balance_amount, superbill_count"
        " from marts.fct_packages order by package_id nulls last"
    )
    assert rows == [
        ("pk1", "open", 6, 3, 1, 2, D("2000.00"), D("1200.00"), D("800.00"), 1),
        ("pk2", "overdrawn", 1, 2, 0, -1, D("500.00"), D("1000.00"), D("-500.00"), 0),
        (None, "unknown", None, 0, 0, None, D("100.00"), None, None, 0),
    ]


def test_superbills(marts: Warehouse) -> None:
    rows = marts.rows(
        "select superbill_id, superbill_outcome, paid_amount, reimbursed_amount, patient_cost_amount"
        " from marts.fct_superbills order by 1"
    )
    assert rows == [
        ("one", "paid", D("400.00"), D("200.00"), D("200.00")),
        ("three", "denied", None, D("200.00"), None),
        ("two", "not_reported", D("350.00"), None, None),
    ]


def test_benefit_checks(marts: Warehouse) -> None:
    rows = marts.rows(
        "select check_id, payer_id, drug_name, is_newest, age_days from marts.fct_benefit_checks order by 1"
    )
    assert rows == [
        ("new", "nobody knows", "esketamine", True, 61),
        ("newer", "aetna", "esketamine", True, 31),
        ("old", "aetna", "esketamine", False, 92),
    ]


def test_without_the_feed_of_payments_nobody_knows_what_was_paid(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse("no payments")
    warehouse.raw.commit(File("billed", BILLED), File("remits", RemitFile(REMITS[2:]).build()))
    warehouse.run("run", "--select", "+fct_patient_balances", "--exclude", "resource_type:seed")
    rows = warehouse.rows(
        "select responsibility_amount, paid_amount, balance_amount from marts.fct_patient_balances"
    )
    assert rows == [(D("20.00"), None, None)]
