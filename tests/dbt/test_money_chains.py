"""Original, reversal, correction across files, in every order of arrival: one state, each denial once."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from money_practice import NPI_A, claim_rows, one_line_claim
from money_rows import Claim, Payment, remit_rows
from tiny_raw import File
from warehouse import Warehouse

MakeWarehouse = Callable[[str], Warehouse]
D = Decimal
DENIED = ("CO", "197", "100")
CLINIC = File(
    "chains-ehr",
    claim_rows(
        "CLINIC-A",
        NPI_A,
        *((f"R-{kind}", f"70{number}", ["100"])
          for number, kind in enumerate(["DENIED-AGAIN", "PAID-AT-LAST", "THREE", "MISMATCH", "ORPHAN"])),
    ),
)  # fmt: skip


def took_back(number: str, payer_number: str, *adjustment: str, paid: str = "0") -> Claim:
    """A reversal of one claim of 100."""
    group, carc, amount = adjustment
    return one_line_claim(number, "-100", paid, (group, carc, amount), status="22", payer_number=payer_number)


FIRST = File("chains-a", remit_rows(Payment("A", date(2026, 3, 3), [
    one_line_claim("700", "100", "0", DENIED, payer_number="N0"),
    one_line_claim("701", "100", "0", DENIED, payer_number="N1"),
    one_line_claim("702", "100", "0", DENIED, payer_number="N2"),
    one_line_claim("703", "100", "80", ("CO", "45", "20"), payer_number="N3"),
])))  # fmt: skip
SECOND = File("chains-b", remit_rows(Payment("B", date(2026, 3, 10), [
    took_back("700", "N0", "CO", "197", "-100"),
    one_line_claim("700", "100", "0", ("CO", "16", "100"), payer_number="N0B"),
    took_back("701", "N1", "CO", "197", "-100"),
    one_line_claim("701", "100", "90", ("CO", "45", "10"), payer_number="N1B"),
    took_back("702", "N2", "CO", "197", "-100"),
    # takes 79.99 of 80 back, the rest under another code
    took_back("703", "N3", "CO", "45", "-20.01", paid="-79.99"),
    took_back("704", "N4", "CO", "197", "-100"),
], amount="10.01")))  # fmt: skip
THIRD = File("chains-c", remit_rows(Payment("C", date(2026, 3, 17), [
    one_line_claim("702", "100", "0", ("CO", "29", "100"), payer_number="N2B"),
])))  # fmt: skip
FILES = (CLINIC, FIRST, SECOND, THIRD)
LONG_AGO = File("chains-z", remit_rows(Payment("Z", date(2026, 1, 5), [
    one_line_claim("704", "100", "0", DENIED, payer_number="N4"),
])))  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    built = make_warehouse("chains")
    built.raw.commit(*FILES)
    built.run("build", "--exclude", "resource_type:unit_test")
    return built


def roles(warehouse: Warehouse) -> list[tuple[object, ...]]:
    return warehouse.rows(
        "select claims.claim_id, string_agg(chains.chain_role, ' ' order by chains.chain_position),"
        " count(*) filter (chains.is_final) from marts.fct_remit_chains as chains"
        " inner join marts.fct_claims as claims using (claim_key) group by all order by all"
    )


def denials(warehouse: Warehouse) -> list[tuple[object, ...]]:
    return warehouse.rows(
        "select claims.claim_id, denials.carc, denials.denial_amount from marts.fct_denials as denials"
        " inner join marts.fct_claims as claims using (claim_key) order by all"
    )


ROLES = [
    ("R-DENIED-AGAIN", "original reversal correction", 1),
    ("R-MISMATCH", "original mismatched_reversal", 0),
    ("R-ORPHAN", "orphan_reversal", 0),
    ("R-PAID-AT-LAST", "original reversal correction", 1),
    ("R-THREE", "original reversal correction", 1),
]
DENIALS = [("R-DENIED-AGAIN", "16", D(100)), ("R-THREE", "29", D(100))]


def test_chains_tell_the_role_of_every_answer(warehouse: Warehouse) -> None:
    assert roles(warehouse) == ROLES


def test_chains_denials_count_once_after_netting(warehouse: Warehouse) -> None:
    assert denials(warehouse) == DENIALS


def test_chains_list_orphans_and_differences_with_a_next_step(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select chain_role, net_charge_amount, net_paid_amount, net_adjustment_amount, next_step is not null"
        " from marts.fct_remit_chains where chain_role like '%_reversal' order by 1"
    ) == [
        ("mismatched_reversal", D(0), D("0.01"), D("0.01"), True),
        ("orphan_reversal", D(-100), D(0), None, True),
    ]


@pytest.mark.parametrize("order", [(2, 1, 3, 0), (3, 2, 1, 0), (0, 2, 3, 1)], ids=str)
def test_chains_are_the_same_in_any_order_of_arrival(
    order: tuple[int, ...], warehouse: Warehouse, make_warehouse: MakeWarehouse
) -> None:
    """Each file a commit and a run of its own, the second file before the first among them."""
    other = make_warehouse("chains-" + "-".join(map(str, order)))
    for step, position in enumerate(order):
        other.raw.commit(FILES[position])
        if step > 0:
            other.run("run")
    assert other.content(["marts"], ["fct_file_ledger"]) == warehouse.content(["marts"], ["fct_file_ledger"])


def test_chains_an_original_that_comes_late_ends_the_orphan_and_denies_nothing(
    make_warehouse: MakeWarehouse,
) -> None:
    other = make_warehouse("chains-late")
    other.raw.commit(*FILES)
    other.run("run")
    assert roles(other) == ROLES
    other.raw.commit(LONG_AGO)
    other.run("run")
    assert roles(other)[2] == ("R-ORPHAN", "original reversal", 0)
    assert denials(other) == DENIALS
