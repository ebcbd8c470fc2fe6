"""The account between payer and payee: every PLB pair posted once, named, carried on, and closed."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from money_accounts import FILES
from warehouse import Warehouse

MakeWarehouse = Callable[[str], Warehouse]
D = Decimal
FILE_HISTORY = ["fct_file_ledger"]  # tells which commit brought a file: knowledge time


@pytest.fixture(scope="module")
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    built = make_warehouse("accounts")
    built.raw.commit(*FILES)
    built.run("build", "--exclude", "resource_type:unit_test")  # with every data test and identity
    return built


def test_ledger_runs_in_payment_order_and_says_what_each_sign_does(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select trace_number, provider_adjustment_code, payment_effect, is_usual_effect, open_balance_amount"
        " from marts.fct_provider_ledger where payer_id = 'aetna' and clinic_id = 'CLINIC-A'"
        " order by payment_date, trace_number, entry_sequence"
    ) == [
        ("0EFT0002", "FB", "raises", True, D("200.00")),
        ("EFT0003", "FB", "lowers", True, D("150.00")),
        ("EFT0004", "72", "raises", True, D("190.00")),
        ("EFT0005", "FB", "lowers", True, D("40.00")),
        ("EFT0005", "L6", "raises", True, D("40.00")),
        ("EFT0005", "WO", "lowers", True, D("0.00")),
        ("EFT0005", "ZZ", "lowers", True, D("0.00")),
    ]


def test_ledger_forward_balance_is_one_chain_over_three_remittances(warehouse: Warehouse) -> None:
    chain = warehouse.rows(
        "select trace_number, chain_balance_amount, chain_open_amount, reference_kind, balance_chain_key"
        " from marts.fct_provider_ledger where balance_kind = 'forward_balance' order by payment_date"
    )
    assert [row[:4] for row in chain] == [
        ("0EFT0002", D("200.00"), D("0.00"), "this_remittance"),
        ("EFT0003", D("150.00"), D("0.00"), "remittance"),
        ("EFT0005", D("0.00"), D("0.00"), "remittance"),
    ]
    assert len({row[4] for row in chain}) == 1


def test_ledger_names_claims_only_of_the_same_payer_and_payee(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select ledger.payer_id, ledger.provider_adjustment_code, ledger.reference_kind,"
        " ledger.reference_method, claims.claim_id from marts.fct_provider_ledger as ledger"
        " left join marts.fct_claims as claims using (claim_key)"
        " where ledger.provider_adjustment_code <> 'FB' order by all"
    ) == [
        ("aetna", "72", "claim", "payer_control_number", "C-1"),
        ("aetna", "CS", "none", None, None),
        ("aetna", "L6", "claim", "payer_control_number", "C-1"),
        ("aetna", "WO", "claim", "control_number", "C-1"),
        ("aetna", "WO", "unresolved", None, None),
        ("aetna", "ZZ", "unresolved", None, None),
        ("medicare_b", "WO", "unresolved", None, None),
    ]


def test_ledger_balances_per_payer_payee_and_kind(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select payer_id, clinic_id, balance_kind, announced_amount, settled_amount, open_balance_amount,"
        " balance_state, open_chain_count from marts.fct_provider_balances order by 1, 2, 3"
    ) == [
        ("aetna", "CLINIC-A", "forward_balance", D(200), D(200), D(0), "settled", 0),
        ("aetna", "CLINIC-A", "overpayment", D(40), D(40), D(0), "settled", 0),
        ("aetna", "CLINIC-B", "overpayment", D(0), D(30), D(-30), "taken_unannounced", 1),
        ("medicare_b", "CLINIC-A", "overpayment", D(7), D(0), D(7), "open", 1),
    ]


def test_ledger_unknown_code_is_posted_and_named_so(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select provider_adjustment_code, provider_adjustment_amount from marts.fct_provider_ledger"
        " where entry_kind = 'unknown'"
    ) == [("ZZ", D("1.00"))]


def test_ledger_is_not_spread_on_claims(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select claim_id, paid_amount from marts.fct_claims where clinic_id = 'CLINIC-A' order by 1"
    ) == [("C-1", D(100)), ("C-2", D(0)), ("C-3", D(500)), ("C-4", D(50)), ("C-5", D(20))]
    assert warehouse.rows("select sum(provider_adjustment_amount) from marts.fct_provider_ledger") == [
        (D("25.73"),)
    ]


def test_ledger_does_not_depend_on_the_order_of_arrival(
    warehouse: Warehouse, make_warehouse: MakeWarehouse
) -> None:
    other = make_warehouse("accounts-backwards")
    for file in FILES[::-1]:
        other.raw.commit(file)
    other.run("run")
    assert other.content(["marts"], FILE_HISTORY) == warehouse.content(["marts"], FILE_HISTORY)
