"""What the bank says against what the payers say: every state once, by exact amounts."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from money_practice import NPI_A, NPI_B, claim_rows, one_line_claim
from money_rows import Payment, remit_rows
from tiny_raw import File
from warehouse import Warehouse

MakeWarehouse = Callable[[str], Warehouse]
D = Decimal


def paid(trace: str, day: int, amount: str, **more: Any) -> Payment:
    """A payment in March of one claim that is none of ours."""
    return Payment(trace, date(2026, 3, day), [one_line_claim("X", amount, amount)], **more)


def bank(clinic_id: str, *deposits: tuple[str, int, str, str | None]) -> dict[str, Any]:
    """Rows (deposit id, day in March, amount, trace) of one clinic's bank file."""
    return {
        "bank_deposit": [
            {"clinic_id": clinic_id, "deposit_id": deposit_id, "deposited_on": date(2026, 3, day),
             "amount": D(amount), "trace": trace}
            for deposit_id, day, amount, trace in deposits
        ]
    }  # fmt: skip


PAYMENTS = [
    paid("000123", 3, "10"),
    paid("LATE", 3, "20"),
    paid("CHECK", 3, "30", method="CHK"),
    paid("LESS", 4, "40"),
    paid("SHARED", 4, "50"),
    paid("SHARED", 4, "60", payee_npi=None),  # another payee of the same transfer, known to nobody
    paid("TWINS", 5, "70", interchange=1),
    paid("LOST", 5, "80"),
    paid("SOON", 28, "90"),
    paid("BEFORE", 1, "15"),
    paid("0", 6, "25"),
    paid("NOTHING", 6, "0", method="NON"),
    paid("NO-BANK", 6, "35", payee_npi=NPI_B),
    paid("HELD", 6, "45", transaction_status="held"),
]
DEPOSITS = bank(
    "CLINIC-A",
    ("D01", 2, "1", "OLD"),
    ("D02", 4, "10.00", " 123"),
    ("D03", 9, "20", "late"),
    ("D04", 20, "30", "CHECK"),
    ("D05", 5, "39.99", "LESS"),
    ("D06", 5, "110", "TRN*1*SHARED*1234567890~"),
    ("D07", 6, "70", "TWINS"),
    ("D08", 7, "70", "TWINS"),
    ("D09", 8, "45", "HELD"),
    ("D10", 9, "80", None),
    ("D11", 30, "5", "GONE"),
)
FILES = (
    File("deposits-ehr", claim_rows("CLINIC-A", NPI_A, ("C-1", "1", ["1"]))),
    File("deposits-ehr-b", claim_rows("CLINIC-B", NPI_B, ("C-2", "2", ["2"]))),
    File("deposits-era", remit_rows(*PAYMENTS)),
    File("deposits-bank", DEPOSITS, exported_day=40),
    # an older export of the same bank line with another amount must not win, whenever it arrives
    File("deposits-bank-old", bank("CLINIC-A", ("D02", 4, "11", "123")), exported_day=30),
)
STATES = [
    # trace as sent, paid, deposited, state, method, difference, why not evaluable
    ("0", D(25), None, "not_evaluable", None, None, "no_trace"),
    ("000123", D(10), D(10), "matched", "trace_and_amount", D(0), None),
    ("BEFORE", D(15), None, "not_evaluable", None, None, "before_bank_file"),
    ("CHECK", D(30), D(30), "matched", "trace_and_amount", D(0), None),
    ("GONE", None, D(5), "missing_era", None, None, None),
    ("HELD", None, D(45), "held_era", None, None, None),
    ("LATE", D(20), D(20), "late", "trace_and_amount", D(0), None),
    ("LESS", D(40), D("39.99"), "amount_differs", "trace", D("-0.01"), None),
    ("LOST", D(80), None, "missing_deposit", None, None, None),
    ("NO-BANK", D(35), None, "not_evaluable", None, None, "no_bank_file"),
    ("OLD", None, D(1), "missing_era", None, None, None),
    ("SHARED", D(50), None, "matched", "trace", D(0), None),
    ("SHARED", D(60), None, "matched", "trace", D(0), None),
    ("SHARED", None, D(110), "matched", "trace", D(0), None),
    ("SOON", D(90), None, "awaited", None, None, None),
    ("TWINS", D(70), D(70), "matched", "trace_and_amount", D(0), None),
    ("TWINS", None, D(70), "missing_era", None, None, None),
    (None, None, D(80), "missing_era", None, None, None),
]


@pytest.fixture(scope="module")
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    built = make_warehouse("deposits")
    built.raw.commit(*FILES)
    built.run("build", "--exclude", "resource_type:unit_test")
    return built


def test_deposits_in_every_state(warehouse: Warehouse) -> None:
    assert (
        warehouse.rows(
            "select trace_number, payment_amount, deposit_amount, deposit_state, match_method,"
            " trace_difference_amount, not_evaluable_reason from marts.fct_deposits"
            " order by trace_number, payment_amount nulls last"
        )
        == STATES
    )


def test_deposits_are_late_by_the_policy_of_their_method(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select trace_number, days_to_deposit, late_after_days from marts.fct_deposits"
        " where trace_number in ('LATE', 'CHECK', '000123') order by 1"
    ) == [("000123", 1, 5), ("CHECK", 17, 30), ("LATE", 6, 5)]


def test_deposits_all_tell_the_next_step(warehouse: Warehouse) -> None:
    assert warehouse.rows("select count(*) from marts.fct_deposits where next_step is null") == [(0,)]
    assert len({state for *_, state, _, _, _ in STATES} | {"matched"}) == 8  # every state of the seed is met


def test_deposits_give_the_rate_of_remittances_found_for_money(warehouse: Warehouse) -> None:
    """Of deposits a remittance could answer, those that have one."""
    assert warehouse.rows(
        "select count(*) filter (deposit_state in ('matched', 'late', 'amount_differs')), count(*)"
        " from marts.fct_deposits where deposit_key is not null"
    ) == [(6, 11)]


def test_deposits_do_not_depend_on_the_order_of_arrival(
    warehouse: Warehouse, make_warehouse: MakeWarehouse
) -> None:
    other = make_warehouse("deposits-backwards")
    for file in FILES[::-1]:
        other.raw.commit(file)
    other.run("run")
    assert other.content(["marts"], ["fct_file_ledger"]) == warehouse.content(["marts"], ["fct_file_ledger"])
