"""One small practice, every money case once: exact totals, and the same rows in any order of arrival."""

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from money_practice import FILES, RELEASED
from tiny_raw import File
from warehouse import Warehouse

Query = Callable[[str], list[tuple[Any, ...]]]
MakeWarehouse = Callable[[str], Warehouse]


@pytest.fixture(scope="module")
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    built = make_warehouse("money")
    built.raw.commit(*FILES)
    built.raw.act(RELEASED, "release", 1)
    built.run("build")  # with every data test, identity and unit test of the project
    return built


@pytest.fixture(scope="module")
def query(warehouse: Warehouse) -> Query:
    return warehouse.rows


def test_money_payment_states(query: Query) -> None:
    states = query(
        "select trace_number, payment_state, held_reason, count(*) from marts.fct_remittance_reconciliation"
        " where payment_state <> 'counted' group by all order by all"
    )
    assert states == [
        ("CONFLICT-1", "held", "CONFLICT", 1),
        ("CONFLICT-2", "held", "CONFLICT", 2),
        ("PAID-1", "duplicate", None, 1),
        ("UNBALANCED", "held", "HELD_BY_READER", 1),
    ]


def test_money_counted_cash_is_the_sum_of_counted_payments(query: Query) -> None:
    [(cash, paid, withheld)] = query(
        "select sum(cash_amount), sum(paid_amount), sum(provider_adjustment_amount)"
        " from marts.fct_remit_events"
    )
    [(bpr, duplicates)] = query(
        "select sum(payment_amount) filter (payment_state = 'counted'),"
        " count(*) filter (payment_state = 'duplicate')"
        " from marts.fct_remittance_reconciliation"
    )
    assert (cash, paid, withheld) == (Decimal("993.05"), Decimal("1017.00"), Decimal("23.95"))
    assert (bpr, duplicates) == (Decimal("993.05"), 1)


CLAIM_OUTCOMES = {
    # claim: outcome, paid, unallocated, denied lines
    "C-AGAIN": ("paid", "75.00", "0.00", 0),
    "C-DENIED": ("denied", "0.00", "0.00", 1),
    "C-LATE": ("not_answered", "0.00", "0.00", 0),
    "C-ONE-LINE": ("paid", "50.00", "0.00", 0),
    "C-ORPHAN": ("zero_paid", "-70.00", "0.00", 0),
    "C-PAID": ("paid", "80.00", "0.00", 0),
    "C-PARTIAL": ("partially_paid", "60.00", "0.00", 0),
    "C-RELEASED": ("paid", "33.00", "0.00", 0),
    "C-REOPENED": ("paid", "90.00", "0.00", 0),
    "C-REPLACED": ("zero_paid", "0.00", "0.00", 0),
    "C-REVERSED": ("reversed", "0.00", "0.00", 0),
    "C-REWORKED": ("paid", "150.00", "0.00", 0),
    "C-SECOND": ("paid", "100.00", "0.00", 0),
    "C-SHARE": ("patient_responsibility", "0.00", "0.00", 0),
    "C-WHOLE": ("denied", "0.00", "0.00", 2),
    "C-WHOLE-PAID": ("paid", "300.00", "300.00", 0),
}


def test_money_outcome_of_every_claim(query: Query) -> None:
    found = {
        claim_id: (outcome, str(paid), str(unallocated), denied)
        for claim_id, outcome, paid, unallocated, denied in query(
            "select claim_id, claim_outcome, paid_amount, unallocated_paid_amount, denied_line_count"
            " from marts.fct_claims where clinic_id = 'CLINIC-A'"
        )
    }
    assert found == CLAIM_OUTCOMES


def test_money_equal_numbers_of_two_clinics_follow_the_payee(query: Query) -> None:
    assert query(
        "select clinic_id, paid_amount from marts.fct_claims where claim_id = 'C-PAID' order by clinic_id"
    ) == [("CLINIC-A", Decimal("80.00")), ("CLINIC-B", Decimal("44.00"))]


def test_money_unmatched_and_ambiguous_claims_are_kept_and_not_guessed(query: Query) -> None:
    assert query(
        "select patient_control_number, claim_match_status, paid_amount from marts.fct_remit_events"
        " where claim_match_status <> 'matched' order by all"
    ) == [("NOT-OURS", "unmatched", Decimal("55.00")), ("TWICE", "ambiguous", Decimal("50.00"))]


def test_money_match_methods(query: Query) -> None:
    methods = dict(
        query(
            "select claim_match_method, count(distinct remit_claim_key) from marts.fct_remit_events"
            " where claim_match_status = 'matched' group by 1"
        )
    )
    assert methods["control_number_normalised"] == 1
    assert methods["payer_control_number"] == 1
    assert set(methods) == {"control_number", "control_number_normalised", "payer_control_number"}
    assert (
        dict(
            query(
                "select line_match_method, count(*) from marts.fct_remit_events"
                " where line_match_status = 'matched' group by 1"
            )
        )["code_modifiers_date_charge"]
        == 2
    )


def test_money_denials_are_final_once_and_partial_ones_apart(query: Query) -> None:
    assert query(
        "select claims.claim_id, denials.denial_level, denials.denial_extent, denials.carc,"
        " denials.denial_amount from marts.fct_denials as denials"
        " left join marts.fct_claims as claims using (claim_key) order by all"
    ) == [
        ("C-DENIED", "line", "full", "197", Decimal("120.00")),
        ("C-PARTIAL", "line", "partial", "151", Decimal("40.00")),
        ("C-WHOLE", "claim", "full", "16", Decimal("300.00")),
    ]


def test_money_reversals_find_their_originals(query: Query) -> None:
    assert query(
        "select claims.claim_id, count(distinct events.remit_claim_key), bool_or(events.is_orphan_reversal)"
        " from marts.fct_remit_events as events inner join marts.fct_claims as claims using (claim_key)"
        " where events.event_type = 'reversal' group by all order by all"
    ) == [("C-ORPHAN", 1, True), ("C-REOPENED", 1, False), ("C-REVERSED", 1, False), ("C-REWORKED", 1, False)]


def test_money_secondary_payer_sees_the_prior_payment(query: Query) -> None:
    assert query(
        "select events.payer_id, events.paid_amount, events.prior_payer_amount, events.allowed_amount"
        " from marts.fct_remit_events as events inner join marts.fct_claims as claims using (claim_key)"
        " where claims.claim_id = 'C-SECOND' order by events.event_date"
    ) == [
        ("aetna", Decimal("80.00"), Decimal("0.00"), Decimal("100.00")),
        ("medicare_b", Decimal("20.00"), Decimal("80.00"), Decimal("100.00")),
    ]


def test_money_unknown_codes_stay_visible(query: Query) -> None:
    assert query("select sum(unclassified_amount) from marts.fct_remit_events") == [(Decimal("5.00"),)]
    assert query("select sum(unclassified_adjustment_count) from audit.audit_remittance") == [(1,)]


def test_money_no_float_stands_in_any_mart(query: Query) -> None:
    assert (
        query(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'marts' and data_type in ('DOUBLE', 'FLOAT', 'REAL')"
        )
        == []
    )


FILE_HISTORY = ["fct_file_ledger"]  # tells which commit brought a file: knowledge time
QUICKLY = ("build", "--exclude", "resource_type:test", "resource_type:unit_test")


def _build_in_order(files: list[File], first: int, other: Warehouse) -> None:
    """Two incremental builds: the first few files, then the others one commit each."""
    other.raw.commit(*files[:first])
    other.run(*QUICKLY)
    for file in files[first:]:
        other.raw.commit(file)
    other.raw.act(RELEASED, "release", 1)
    other.run(*QUICKLY)


def test_money_order_of_arrival_changes_nothing(warehouse: Warehouse, make_warehouse: MakeWarehouse) -> None:
    """Remittances before the claims they answer, backwards, against one build from scratch."""
    other = make_warehouse("backwards")
    _build_in_order(list(FILES)[::-1], len(FILES) - 3, other)
    assert other.content(["marts"], FILE_HISTORY) == warehouse.content(["marts"], FILE_HISTORY)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_money_any_order_of_arrival_changes_nothing(
    seed: int, warehouse: Warehouse, make_warehouse: MakeWarehouse
) -> None:
    random = Random(seed)
    files = list(FILES)
    random.shuffle(files)
    other = make_warehouse(f"order-{seed}")
    _build_in_order(files, random.randrange(1, len(files)), other)
    assert other.content(["marts"], FILE_HISTORY) == warehouse.content(["marts"], FILE_HISTORY)
