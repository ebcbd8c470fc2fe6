from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from audit_kit import ENCOUNTER, insert
from conftest import Practice

from ketaclaims.errors import KetaclaimsError
from ketaclaims.quality import contracts, frames
from ketaclaims.quality.data_docs import build_data_docs
from ketaclaims.quality.run import SuiteRunner
from ketaclaims.quality.suites import Checkpoint, load_suite
from ketaclaims.settings import Settings

CANARY = "ZZCANARY"
REMITTANCE = {
    "subject_key": "p1",
    "payment_state": "counted",
    "row_hash": "h",
    "event_difference_cents": 0,
    "unexplained_cents": 0,
}
CHECKPOINT = Checkpoint("contract_audit_remittance", "audit.audit_remittance", "audit", "contract")


def remittances(rows: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema audit")
    connection.execute(
        "create table audit.audit_remittance (subject_key varchar, payment_state varchar, row_hash varchar,"
        " event_difference_cents bigint, unexplained_cents bigint)"
    )
    for row in rows:
        connection.execute("insert into audit.audit_remittance values (?, ?, ?, ?, ?)", list(row.values()))
    return connection


@pytest.fixture
def only_remittances(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contracts, "load_checkpoints", lambda: (CHECKPOINT,))


@pytest.mark.usefixtures("only_remittances")
@pytest.mark.parametrize(
    ("rows", "failures", "is_publishable"),
    [
        ([], [], True),
        ([REMITTANCE, {**REMITTANCE, "subject_key": "p2"}], [], True),
        (
            [{**REMITTANCE, "payment_state": "held", "event_difference_cents": None, "unexplained_cents": 7}],
            [],
            True,
        ),
        ([REMITTANCE, REMITTANCE], [("expect_column_values_to_be_unique", "subject_key", 2)], False),
        (
            [{**REMITTANCE, "event_difference_cents": 1}, {**REMITTANCE, "subject_key": "p2"}],
            [("expect_column_values_to_be_between", "event_difference_cents", 1)],
            False,
        ),
        (
            [{**REMITTANCE, "event_difference_cents": None}],
            [("expect_column_values_to_not_be_null", "event_difference_cents", 1)],
            False,
        ),
        (
            [{**REMITTANCE, "unexplained_cents": -1}],
            [("expect_column_values_to_be_between", "unexplained_cents", 1)],
            True,
        ),
        (
            [{**REMITTANCE, "payment_state": CANARY}],
            [("expect_column_values_to_be_in_set", "payment_state", 1)],
            False,
        ),
    ],
    ids=["empty", "clean", "held", "repeated", "cent", "untold", "released", "state"],
)
def test_contract_of_remittances(
    tmp_path: Path, rows: list[dict[str, Any]], failures: list[tuple[str, str, int]], is_publishable: bool
) -> None:
    with remittances(rows) as connection:
        result = contracts.check_contracts(Settings(data_root=tmp_path), connection, "audit")
    assert [(f.expectation, *f.columns, f.failing_row_count) for f in result.failures] == failures
    assert (result.suites_run, result.is_publishable) == (1, is_publishable)
    assert CANARY not in repr(result)


def test_repeats_in_different_chunks_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{**REMITTANCE, "subject_key": key} for key in ("p1", "p2", "p3", "p1")]
    monkeypatch.setattr(contracts, "read_chunks", partial(frames.read_chunks, chunk_rows=2))
    with remittances(rows) as connection:
        connection.execute("delete from audit.audit_remittance where subject_key = 'p2'")
        outcomes, row_count = contracts.run_contract(
            connection, SuiteRunner(), CHECKPOINT, load_suite(CHECKPOINT.suite)
        )
    failing = {o.expectation["type"]: o.unexpected_count for o in outcomes if not o.success}
    assert failing == {"expect_column_values_to_be_unique": 2}
    assert row_count == 3
    assert {o.element_count for o in outcomes} == {3}


@pytest.mark.usefixtures("only_remittances")
def test_missing_table_and_column_are_our_error(tmp_path: Path) -> None:
    with (
        duckdb.connect() as connection,
        pytest.raises(KetaclaimsError, match=r"RULE_ERROR: audit\.audit_remit"),
    ):
        contracts.check_contracts(Settings(data_root=tmp_path), connection, "audit")
    with remittances([REMITTANCE]) as connection:
        connection.execute("alter table audit.audit_remittance drop column row_hash")
        with pytest.raises(KetaclaimsError, match="row_hash"):
            contracts.check_contracts(Settings(data_root=tmp_path), connection, "audit")


@pytest.mark.usefixtures("only_remittances")
def test_data_docs_tell_counts_and_no_value(practice: Practice, tmp_path: Path) -> None:
    canary = {**ENCOUNTER, "clinic_id": f"{CANARY}1", "subject_key": f"{CANARY}2", "row_hash": f"{CANARY}3"}
    insert(practice.connection, "audit_encounter", [{**canary, "monitoring_minutes": 7654321}])
    practice.connection.execute(
        "update audit.audit_encounter set monitoring_minutes = -7654321 where subject_key = 'E3'"
    )
    practice.judge()
    practice.connection.execute(
        "create table audit.audit_remittance as select * from (values (?, ?, ?, 7654321, 7654321))"
        " as t (subject_key, payment_state, row_hash, event_difference_cents, unexplained_cents)",
        [CANARY, CANARY, CANARY],
    )
    contracts.check_contracts(practice.settings, practice.connection, "audit")
    index = build_data_docs(practice.connection, tmp_path / "docs")
    build_data_docs(practice.connection, tmp_path / "docs")  # again: replaced, not added to
    pages = [path for path in index.parent.rglob("*") if path.suffix in {".html", ".json", ".js"}]
    assert len(pages) == 1 + 2 * 2  # index; expectations and newest result of both suites
    text = {path: path.read_text(encoding="utf-8") for path in pages}
    for page, content in text.items():
        assert CANARY not in content and "7654321" not in content, page.name
        assert CANARY not in str(page)
        assert "http://" not in content and "https://" not in content and "<script" not in content
    (result_page,) = (index.parent / "validations" / "coding_rems_and_monitoring_encounter").rglob("*.html")
    assert "1 unexpected values found. 25% of 4 total rows." in text[result_page]
    cells = ("audit.audit_encounter", "coding", "2026-04-01", "4", "3", "2", "2")
    assert "".join(f"<td>{cell}</td>" for cell in cells) in text[index]


def test_no_money_is_a_float() -> None:
    column = frames.Column("paid_amount", "DECIMAL(18,2)")
    assert column.is_money
    with duckdb.connect() as connection:
        cents = connection.execute(
            f"select {column.select_sql} from (select ?::decimal(18, 2) as paid_amount)",
            [Decimal("9999999999999999.99")],
        ).fetchone()
    assert cents == (999999999999999999,)
