"""Bytes to segments to rows, and BPR02 to the marts: what is right passes, what is not is told."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from money_practice import NPI_A, claim_rows, one_line_claim
from money_rows import Payment, Rows, remit_rows
from tiny_raw import File
from warehouse import Warehouse

from ketaclaims.quality import contracts
from ketaclaims.quality.suites import load_checkpoints
from ketaclaims.settings import Settings

MakeWarehouse = Callable[[str], Warehouse]
D = Decimal
RIGHT = Payment(
    "RIGHT", date(2026, 3, 3), [one_line_claim("1", "10", "9", ("CO", "45", "1"))], [("L6", "-1")]
)
# one cent more than its claims: held by the reader, let through by a person
ODD_CENT = Payment(
    "ODD-CENT",
    date(2026, 3, 4),
    [one_line_claim("2", "10", "9", ("CO", "45", "1"))],
    amount="9.01",
    transaction_status="held",
)


def enveloped(rows: Rows, lost: int = 0, issues: tuple[str, ...] = ()) -> Rows:
    """The rows with ISA, GS, GE, IEA and 20 segments a transaction, of which some were lost."""
    for remittance in rows["remittance"]:
        remittance["segment_count"] = 20
    last = 2 + 20 * len(rows["remittance"]) + 2 + lost
    rows["remit_segment_other"] = [
        {"segment_id": segment_id, "segment_text": segment_id, "_segment_number": number}
        for segment_id, number in [("ISA", 1), ("GS", 2), ("GE", last - 1), ("IEA", last)]
    ]
    rows["remit_issue"] = [{"code": code, "severity": "warning"} for code in issues]
    return rows


WHOLE = File("recon-whole", enveloped(remit_rows(RIGHT, ODD_CENT)))
CUT = File("recon-cut", enveloped(remit_rows(Payment("CUT", date(2026, 3, 5))), 7, ("TRUNCATED",)))
CLINIC = File("recon-ehr", claim_rows("CLINIC-A", NPI_A, ("C-1", "1", ["10"]), ("C-2", "2", ["10"])))


@pytest.fixture(scope="module")
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    built = make_warehouse("reconciliation")
    built.raw.commit(CLINIC, WHOLE, CUT)
    built.raw.act(WHOLE, "release", 2)
    built.run("build", "--exclude", "resource_type:unit_test")
    return built


def test_reconciliation_every_payment_is_what_the_marts_say(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select trace_number, payment_amount, event_cash_amount, ledger_amount, unexplained_cents,"
        " statement_difference_cents, is_released from marts.fct_remittance_reconciliation"
        " order by payment_date"
    ) == [
        ("RIGHT", D(10), D(10), D(-1), 0, 0, False),
        ("ODD-CENT", D("9.01"), D(9), D(0), 1, 0, True),
        ("CUT", D(0), D(0), D(0), 0, 0, False),
    ]


def test_reconciliation_of_files_from_segments_to_rows(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select is_truncated, segment_count, transaction_segment_count, outside_segment_count,"
        " unexplained_segment_count, claim_row_count, line_row_count, adjustment_row_count,"
        " provider_adjustment_row_count, other_segment_row_count, claim_difference_cents"
        " from marts.fct_file_reconciliation order by 1"
    ) == [
        (False, 44, 40, 4, 0, 2, 2, 2, 1, 4, 0),
        (True, 31, 20, 4, 7, 0, 0, 0, 0, 4, 0),
    ]


SUITES = ("contract_fct_remittance_reconciliation", "contract_fct_file_reconciliation")
DAMAGES = [
    ("update marts.fct_remittance_reconciliation set payer_id = payer_id", True),
    # the cent of a payment nobody released
    ("update marts.fct_remittance_reconciliation set is_released = false where unexplained_cents = 1", False),
    ("update marts.fct_remittance_reconciliation set unexplained_cents = null where not is_released", False),
    ("update marts.fct_remittance_reconciliation set statement_difference_cents = 1", False),
    ("update marts.fct_file_reconciliation set unexplained_segment_count = 1 where not is_truncated", False),
    ("update marts.fct_file_reconciliation set claim_row_difference = -1", False),
    ("update marts.fct_file_reconciliation set segment_count = null", False),
]


@pytest.mark.parametrize(("damage", "is_publishable"), DAMAGES)
def test_reconciliation_contracts_stop_what_is_not_explained(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str, is_publishable: bool
) -> None:
    chosen = tuple(c for c in load_checkpoints() if c.suite in SUITES)
    assert len(chosen) == len(SUITES)
    monkeypatch.setattr(contracts, "load_checkpoints", lambda: chosen)
    settings = Settings(data_root=tmp_path)
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute("checkpoint")
    copy = tmp_path / warehouse.file.name
    copy.write_bytes(warehouse.file.read_bytes())
    with duckdb.connect(str(copy)) as connection:
        connection.execute(damage)
        result = contracts.check_contracts(settings, connection, "marts")
    assert result.is_publishable is is_publishable
