"""Single rows in quarantine: listed, exported, corrected; afterwards as if the file had been clean."""

import csv
import stat
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from raw_store_kit import drop, settings_of
from typer.testing import CliRunner

from ketaclaims.cli import app
from ketaclaims.errors import KetaclaimsError
from ketaclaims.raw import ingest, releases, row_quarantine
from ketaclaims.raw.ledger import open_ledger
from ketaclaims.settings import Settings

HEADER = "clinic_id,payment_id,patient_id,claim_id,paid_on,amount,kind,method"
GOOD = [f"c1,pp{number},p1,k1,2026-03-10,10.00,copay,card" for number in range(1, 30)]
CLEAN = [*GOOD, "c1,pp30,p1,k1,2026-03-11,20.00,copay,card", 'c1,pp31,p2,k2,2026-03-12,30.00,copay,"a, b"']
DIRTY = [*GOOD, "c1,pp30,p1,k1,2026-03-11,twenty,copay,card", "c1,pp31,p2,k2,2026-03-12,30.00,copay"]


def ingested(root: Path, lines: list[str]) -> tuple[Settings, str]:
    settings = settings_of(root)
    drop(settings, "payments.csv", ("\n".join([HEADER, *lines]) + "\n").encode())
    assert ingest.run(settings, "ehr") == 1
    with open_ledger(settings) as ledger:
        return settings, str(ledger.rows("select file_sha256 from active_inputs")[0][0])


def counted(settings: Settings) -> list[dict[str, Any]]:
    """Rows that count, as staging takes them, without what names their file and commit."""
    with open_ledger(settings) as ledger:
        active = {
            (row[0], row[1]): row[2]
            for row in ledger.rows(
                "select file_sha256, commit_id, commit_number from active_inputs"
                " join commits using (commit_number)"
            )
        }
        files = [
            row[0] for row in ledger.rows("select relative_path from data_files where table_name = ?", T)
        ]
    rows = [row for file in files for row in pq.read_table(settings.raw_dir / file).to_pylist()]
    kept = [row for row in rows if (row.pop("_file_sha256"), row.pop("_commit_id")) in active]
    return sorted(({**row, "exported_at": None} for row in kept), key=lambda row: row["_row_number"])


T = ("patient_payment",)


def corrected(path: Path, changes: dict[int, dict[str, str]]) -> Path:
    """The exported file with some cells changed, as a person would."""
    with path.open(newline="") as source:
        reader = csv.DictReader(source)
        rows = list(reader)
        names = list(reader.fieldnames or ())
    for row in rows:
        row.update(changes.get(int(row["_row_number"]), {}))
    target = path.with_name("corrected.csv")
    with target.open("w", newline="") as out:
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        writer.writerows(rows)
    return target


FIELDS = dict(
    zip(HEADER.split(","), ["c1", "pp31", "p2", "k2", "2026-03-12", "30.00", "copay", "a, b"], strict=True)
)
BOTH = {31: {"amount": "20.00"}, 32: FIELDS}


def test_dirty_and_replayed_is_clean(tmp_path: Path) -> None:
    clean, _ = ingested(tmp_path / "clean", CLEAN)
    settings, sha256 = ingested(tmp_path / "dirty", DIRTY)
    assert len(counted(settings)) == 29
    waiting = [
        (row.row_number, row.table_name, row.column_name, row.reason_code)
        for row in row_quarantine.waiting_rows(settings)
    ]
    assert waiting == [
        (31, "patient_payment", "amount", "BAD_AMOUNT"),
        (32, "patient_payment", None, "RAGGED_ROW"),
    ]
    path, count = row_quarantine.export_rows(settings, sha256[:12])
    assert count == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (settings.raw_dir / "reveals.jsonl").read_text().count(sha256) == 1
    replay = row_quarantine.correct(settings, corrected(path, BOTH), "typed by the front desk")
    assert (replay.released_count, replay.still_quarantined_count) == (2, 0)
    assert counted(settings) == counted(clean)
    with open_ledger(settings) as ledger, open_ledger(clean) as other:
        (ours,), (theirs,) = (each.rows("select * from active_inputs") for each in (ledger, other))
        assert (ours["row_count"], ours["quarantined_rows"]) == (31, 0)
        assert ours["row_count"] == theirs["row_count"]
    assert row_quarantine.waiting_rows(settings) == []


def test_the_same_corrections_twice_change_nothing(tmp_path: Path) -> None:
    settings, sha256 = ingested(tmp_path, DIRTY)
    path, _ = row_quarantine.export_rows(settings, sha256)
    file = corrected(path, BOTH)
    assert row_quarantine.correct(settings, file, "").commit_number == 2
    before = counted(settings)
    assert row_quarantine.correct(settings, file, "") == row_quarantine.Replay(None, 0, 0)
    assert counted(settings) == before


def test_rows_are_corrected_one_after_the_other_and_survive_a_reread(tmp_path: Path) -> None:
    settings, sha256 = ingested(tmp_path, DIRTY)
    path, _ = row_quarantine.export_rows(settings, sha256)
    # the second row is left empty for now, and the first is still wrong in another way
    first = row_quarantine.correct(settings, corrected(path, {31: {"amount": "20.00", "kind": "gift"}}), "")
    assert (first.released_count, first.still_quarantined_count) == (0, 2)
    assert [row.reason_code for row in row_quarantine.waiting_rows(settings)] == [
        "NOT_ALLOWED_VALUE",
        "RAGGED_ROW",
    ]
    second = row_quarantine.correct(settings, corrected(path, {31: {"amount": "20.00"}}), "")
    assert (second.released_count, second.still_quarantined_count) == (1, 1)
    third = row_quarantine.correct(settings, corrected(path, {32: FIELDS}), "")
    assert (third.released_count, third.still_quarantined_count) == (1, 0)
    before = counted(settings)
    assert len(before) == 31
    releases.reject_input(settings, sha256, "test")
    assert counted(settings) == []
    releases.release_input(settings, sha256, "test")
    assert counted(settings) == before


def test_the_share_of_bad_rows_still_stops_a_file(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    drop(settings, "bad.csv", "\n".join([HEADER, GOOD[0], *[DIRTY[29]] * 9]).encode())
    ingest.run(settings, "ehr")
    with open_ledger(settings) as ledger:
        (row,) = ledger.rows("select file_sha256, status, reason_code from inputs")
    assert (row["status"], row["reason_code"]) == ("quarantined", "TOO_MANY_BAD_ROWS")
    with pytest.raises(KetaclaimsError, match="NOT_CORRECTABLE"):
        row_quarantine.export_rows(settings, row["file_sha256"])


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (lambda text: text.replace("_row_number", "row"), "row 1"),
        (lambda text: text.replace(",31,", ",x,"), "row 2"),
        (lambda text: text.replace(",32,", ",31,"), "row 3"),
        (lambda text: text.replace(",method,", ",way,"), "row 1"),
        (lambda text: text + "a,b\n", "row 4"),
    ],
)
def test_a_spoiled_correction_file_says_where(tmp_path: Path, spoil: Any, where: str) -> None:
    settings, sha256 = ingested(tmp_path, DIRTY)
    path, _ = row_quarantine.export_rows(settings, sha256)
    path.write_text(spoil(path.read_text()))
    with pytest.raises(KetaclaimsError, match=f"BAD_CORRECTIONS: {where}:"):
        row_quarantine.correct(settings, path, "")


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, sha256 = ingested(tmp_path, DIRTY)
    monkeypatch.setenv("KETACLAIMS_DATA_ROOT", str(settings.data_root))
    monkeypatch.setenv("KETACLAIMS_LANDING_DIR", str(settings.landing_dir))
    run = CliRunner().invoke
    listed = run(app, ["quarantine", "rows", sha256[:12], "--format", "json"])
    assert '"row_number": 31' in listed.output
    assert "twenty" not in listed.output
    out = tmp_path / "mine.csv"
    assert "2 rows written" in run(app, ["quarantine", "export", sha256[:12], "--out", str(out)]).output
    again = run(app, ["quarantine", "export", sha256[:12], "--out", str(out)])
    assert (again.exit_code, "FILE_EXISTS" in again.stderr) == (2, True)
    done = run(app, ["quarantine", "correct", str(corrected(out, BOTH))])
    assert "2 rows released by commit 2." in done.output
    assert "Nothing new" in run(app, ["quarantine", "correct", str(corrected(out, BOTH))]).output
