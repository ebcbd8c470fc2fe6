"""What people decide becomes a commit; the newest version of an input that is not rejected counts."""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import raw_store_kit as kit
import typer
from raw_store_kit import charges, counted_rows, drop, ends, remit, run, settings_of
from typer.testing import CliRunner

from ketaclaims.errors import KetaclaimsError
from ketaclaims.raw import commands, releases, views, warehouse_sync
from ketaclaims.raw.append import append, raw_files
from ketaclaims.raw.ledger import open_ledger
from ketaclaims.raw.registry import Readers
from ketaclaims.raw.tables import FINDING_EVENT, raw_table_schemas
from ketaclaims.settings import Settings

READERS = Readers(kit.READERS)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


def sha(settings: Settings, name: str) -> str:
    with open_ledger(settings) as ledger:
        return str(ledger.rows("select file_sha256 from inputs where landing_path = ?", (name,))[0][0])


def cents(settings: Settings) -> list[int]:
    return sorted(row[-1] for row in counted_rows(settings))


def waiting(settings: Settings) -> list[tuple[int | None, str]]:
    with open_ledger(settings) as ledger:
        return [(row.st_index, row.reason_code) for row in views.list_waiting(settings, ledger)]


def active(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    query = "select commit_number, status, is_active from raw.ledger_input order by all"
    return connection.execute(query).fetchall()


def test_releasing_a_truncated_file_loads_its_whole_transactions(settings: Settings) -> None:
    drop(settings, "cut.835", remit("x", "y", end=""))
    run(settings, "remits")
    assert waiting(settings) == [(None, "TRUNCATED")]
    with pytest.raises(KetaclaimsError, match=r"RELEASE_REFUSED.*TRUNCATED"):
        releases.release_input(settings, sha(settings, "cut.835"), "", readers=READERS)
    assert waiting(settings) == [(None, "TRUNCATED")]
    assert list((settings.raw_dir / "inflight").iterdir()) == []
    number = releases.release_input(
        settings,
        sha(settings, "cut.835")[:10],
        "payer confirmed",
        complete_transactions=True,
        readers=READERS,
    )
    assert number == 2
    assert waiting(settings) == []
    assert len(counted_rows(settings, "remittance")) == 2
    assert run(settings, "remits") is None


def test_releasing_accepts_bad_rows_and_test_files(settings: Settings) -> None:
    drop(settings, "bad.csv", charges(1, "bad", 2))
    drop(settings, "t.835", remit("TEST"))
    run(settings)
    run(settings, "remits")
    for name in ("bad.csv", "t.835"):
        releases.release_input(settings, sha(settings, name), "", readers=READERS)
    assert cents(settings) == [1, 2]
    assert len(counted_rows(settings, "remittance")) == 1


def test_rejecting_closes_a_quarantined_input_for_good(settings: Settings, tmp_path: Path) -> None:
    drop(settings, "t.835", remit("TEST"))
    run(settings, "remits")
    releases.reject_input(settings, sha(settings, "t.835"), "not ours")
    assert waiting(settings) == []
    assert run(settings_of(tmp_path, accept_test_files=True), "remits") is None


def test_rejecting_a_committed_input_and_taking_it_back(settings: Settings) -> None:
    drop(settings, "a.csv", charges(1))
    drop(settings, "b.csv", charges(2))
    run(settings)
    connection = duckdb.connect()
    assert warehouse_sync.sync(connection, settings) == 1
    assert active(connection) == [(1, "committed", True), (1, "committed", True)]
    releases.reject_input(settings, sha(settings, "a.csv"), "other clinic's")
    assert cents(settings) == [2]
    assert warehouse_sync.sync(connection, settings) == 2
    assert active(connection) == [(1, "committed", False), (1, "committed", True)]
    with pytest.raises(KetaclaimsError, match="NOT_QUARANTINED"):
        releases.release_input(settings, sha(settings, "b.csv"), "", readers=READERS)
    releases.release_input(settings, sha(settings, "a.csv"), "it is ours", readers=READERS)
    assert cents(settings) == [1, 2]
    assert warehouse_sync.sync(connection, settings) == 3
    assert active(connection) == [(1, "committed", False), (1, "committed", True), (3, "committed", True)]


def test_held_transactions_wait_until_decided(settings: Settings) -> None:
    drop(settings, "p.835", remit("x", "HOLD", "HOLD"))
    run(settings, "remits")
    assert waiting(settings) == [(2, "HELD"), (3, "HELD")]
    with pytest.raises(KetaclaimsError, match="UNKNOWN_TRANSACTION"):
        releases.decide_transaction(settings, sha(settings, "p.835"), 4, "release", "")
    releases.decide_transaction(settings, sha(settings, "p.835"), 2, "release", "checked")
    releases.decide_transaction(settings, sha(settings, "p.835"), 3, "reject", "void")
    releases.decide_transaction(settings, sha(settings, "p.835"), 3, "release", "not void")
    assert waiting(settings) == []
    connection = duckdb.connect()
    warehouse_sync.sync(connection, settings)
    query = "select commit_number, st_index, action, reason from raw.ledger_action order by 1"
    assert connection.execute(query).fetchall() == [
        (2, 2, "release", "checked"),
        (3, 3, "reject", "void"),
        (4, 3, "release", "not void"),
    ]


def test_a_newer_reader_supersedes_on_reread(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(settings, "a.csv", charges(1, 2))
    drop(settings, "p.835", remit("x"))
    run(settings)
    run(settings, "remits")
    assert releases.reread(settings, readers=READERS) == releases.Reread(None, 0, ())
    assert releases.reread(settings, sha(settings, "a.csv"), READERS) == releases.Reread(None, 1, ())
    monkeypatch.setattr(kit, "READER_VERSION", "2")
    assert run(settings) is None  # a run alone never reads what is committed again
    assert releases.reread(settings, sha(settings, "a.csv"), READERS) == releases.Reread(3, 1, ())
    assert releases.reread(settings, readers=READERS) == releases.Reread(4, 1, ())
    assert cents(settings) == [1, 2]
    connection = duckdb.connect()
    assert warehouse_sync.sync(connection, settings) == 4
    assert active(connection) == [
        (1, "committed", False),
        (2, "committed", False),
        (3, "committed", True),
        (4, "committed", True),
    ]


def test_a_reading_that_would_be_refused_leaves_the_version_that_counts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(settings, "a.csv", charges(1, "bad"))
    run(settings)
    releases.release_input(settings, sha(settings, "a.csv"), "", readers=READERS)
    monkeypatch.setattr(kit, "READER_VERSION", "2")
    expected = releases.Reread(None, 1, ((sha(settings, "a.csv"), "BAD_AMOUNT"),))
    assert releases.reread(settings, readers=READERS) == expected
    assert cents(settings) == [1]


def finding(number: int) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(FINDING_EVENT.names[2:])
    return row | {
        "finding_id": f"f{number}",
        "status": "fail",
        "dollars_at_stake": Decimal("12.30"),
        "judged_as_of": date(2026, 1, 2),
        "judged_at": datetime(2026, 1, 3, 4, 5),
        "sequence": number,
    }


def test_findings_are_commits_the_staging_join_finds(settings: Settings) -> None:
    rows = pa.Table.from_pylist([finding(1), finding(2)], schema=pa.schema(list(FINDING_EVENT)[2:]))
    assert append(settings, "findings", "finding_event", rows) == 1
    assert append(settings, "findings", "finding_event", rows.slice(0, 0)) == 1
    assert append(settings, "findings", "finding_event", rows.slice(0, 1)) == 2
    files = raw_files(settings, "finding_event")
    assert [pq.read_metadata(file).num_rows for file in files] == [2, 1]
    assert pq.read_schema(files[0]).equals(FINDING_EVENT)
    connection = duckdb.connect()
    warehouse_sync.sync(connection, settings)
    joined = """
        select inputs.commit_number, finding_id, dollars_at_stake
        from read_parquet(?) as raw_rows
        inner join raw.ledger_input as inputs
            on raw_rows._file_sha256 = inputs.file_sha256 and raw_rows._commit_id = inputs.commit_id
        where inputs.is_active order by 1, 2
    """
    expected = [(1, "f1", Decimal("12.30")), (1, "f2", Decimal("12.30")), (2, "f1", Decimal("12.30"))]
    assert connection.execute(joined, [[str(file) for file in files]]).fetchall() == expected
    with open_ledger(settings) as ledger:
        assert views.list_files(ledger) == []  # findings are no input files
    with pytest.raises(KetaclaimsError, match=r"BAD_ROWS.*rule_id"):
        append(settings, "findings", "finding_event", rows.drop_columns(["rule_id"]))


def test_sync_in_steps_equals_sync_at_once(settings: Settings) -> None:
    stepwise, at_once = duckdb.connect(), duckdb.connect()
    assert warehouse_sync.sync(stepwise, settings) == 0
    drop(settings, "a.csv", charges(1))
    drop(settings, "same.csv", charges(1))
    run(settings)
    warehouse_sync.sync(stepwise, settings)
    releases.reject_input(settings, sha(settings, "a.csv"), "")
    warehouse_sync.sync(stepwise, settings)
    releases.release_input(settings, sha(settings, "a.csv"), "", readers=READERS)
    assert warehouse_sync.sync(stepwise, settings) == 3
    assert warehouse_sync.sync(stepwise, settings) == 3
    assert warehouse_sync.sync(at_once, settings) == 3
    for table in ("ledger_commit", "ledger_input", "ledger_data_file", "ledger_action", "consumed_commit"):
        query = f"select * from raw.{table} order by all"
        assert stepwise.execute(query).fetchall() == at_once.execute(query).fetchall()
    assert active(at_once) == [(1, "committed", False), (1, "duplicate", False), (3, "committed", True)]


def test_sync_refuses_a_warehouse_of_another_store(settings: Settings, tmp_path: Path) -> None:
    drop(settings, "a.csv", charges(1))
    run(settings)
    connection = duckdb.connect()
    warehouse_sync.sync(connection, settings)
    with pytest.raises(KetaclaimsError, match="WAREHOUSE_OTHER_STORE"):
        warehouse_sync.sync(connection, settings_of(tmp_path / "other"))


def test_every_raw_table_has_its_typed_empty_file(settings: Settings) -> None:
    warehouse_sync.sync(duckdb.connect(), settings)
    for table, schema in raw_table_schemas().items():
        path = settings.raw_dir / "empty" / f"{table}.parquet"
        assert pq.read_schema(path).equals(schema)
        assert pq.read_metadata(path).num_rows == 0
    (settings.raw_dir / "empty" / "waiver.parquet").write_bytes(
        (settings.raw_dir / "empty" / "remittance.parquet").read_bytes()
    )
    warehouse_sync.write_empty_tables(settings)
    assert pq.read_schema(settings.raw_dir / "empty" / "waiver.parquet").equals(raw_table_schemas()["waiver"])


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("KETACLAIMS_DATA_ROOT", str(settings.data_root))
    monkeypatch.setattr(releases, "Readers", lambda: READERS)
    monkeypatch.setattr("ketaclaims.raw.reading.Readers", lambda: READERS)
    application = typer.Typer()
    commands.register(application)
    return application


def call(app: typer.Typer, *arguments: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})
    assert result.exit_code == exit_code, result.output
    return result.output


def test_commands(app: typer.Typer, settings: Settings) -> None:
    drop(settings, "JANE DOE.csv", charges(1, "bad"))
    drop(settings, "JANE [red]DOE\n.835", remit("x", "HOLD"))
    run(settings)
    run(settings, "remits")
    bad, held = sha(settings, "JANE DOE.csv"), sha(settings, "JANE [red]DOE\n.835")

    rows = json.loads(call(app, "files", "--format", "json"))
    assert [(row["sha256"], row["status"], row["reason_code"], row["row_count"]) for row in rows] == [
        (bad, "quarantined", "BAD_AMOUNT", 1),
        (held, "committed", None, 2),
    ]
    assert "JANE" not in call(app, "files")
    assert "JANE [red]DOE�.835" in call(app, "files", "--names")
    assert held[:12] not in call(app, "files", "--status", "quarantined")
    listed = json.loads(call(app, "quarantine", "list", "--format", "json"))
    assert [(row["sha256"], row["st_index"], row["reason_code"]) for row in listed] == [
        (bad, None, "BAD_AMOUNT"),
        (held, 2, "HELD"),
    ]

    shown = call(app, "quarantine", "show", bad[:8])
    assert "row 3: not a number" in shown
    assert "row_id,cents" not in shown
    assert not (settings.raw_dir / "reveals.jsonl").exists()
    for _ in range(2):
        assert "row_id,cents" in call(app, "quarantine", "show", bad[:8], "--reveal")
    reveals = (settings.raw_dir / "reveals.jsonl").read_text().splitlines()
    assert [json.loads(line)["file_sha256"] for line in reveals] == [bad, bad]
    assert "held: transaction 2" in call(app, "quarantine", "show", held)

    assert "commit 3" in call(
        app, "quarantine", "release", held[:8], "--transaction", "2", "--reason", "checked"
    )
    assert "commit 4" in call(app, "quarantine", "release", bad[:8])
    assert "commit 5" in call(app, "quarantine", "reject", bad[:8], "--reason", "wrong clinic")
    assert json.loads(call(app, "quarantine", "list", "--format", "json")) == []
    assert "0 inputs read again, nothing changed" in call(app, "reread")
    assert [end[1] for end in ends(settings)] == ["committed", "quarantined", "committed"]


def test_commands_refuse_wrong_requests_clearly(app: typer.Typer, settings: Settings) -> None:
    drop(settings, "a.csv", charges(1))
    drop(settings, "b.csv", charges(2))
    run(settings)
    assert "UNKNOWN_INPUT" in call(app, "quarantine", "show", "ffffffffffff", exit_code=2)
    assert "AMBIGUOUS_INPUT" in call(app, "quarantine", "reject", "", exit_code=2)
    assert "NOT_QUARANTINED" in call(app, "quarantine", "release", sha(settings, "a.csv"), exit_code=2)
    call(app, "quarantine", "release", "ab", "--transaction", "1", "--complete-transactions", exit_code=2)
