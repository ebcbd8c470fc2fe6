"""What the raw-store tests share: two tiny readers, files for them, and the store's content as plain values.

Run as a program it ingests both feeds below a data root and, given a number, kills itself at that file
operation: ``python raw_store_kit.py ROOT [KILL_AT]``.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ketaclaims.raw import ingest
from ketaclaims.raw.contract import InputReport, Issue, ReadContext, Sink
from ketaclaims.raw.ledger import open_ledger
from ketaclaims.settings import Settings

READER_VERSION = "1"
CHARGE = pa.schema(
    [
        ("_file_sha256", pa.string()),
        ("_commit_id", pa.string()),
        ("_row_number", pa.int64()),
        ("cents", pa.int64()),
    ]
)
REMITTANCE = pa.schema(
    [
        ("_file_sha256", pa.string()),
        ("_commit_id", pa.string()),
        ("st_index", pa.int32()),
        ("transaction_status", pa.string()),
    ]
)


def read_charges(source: Path, context: ReadContext, sink: Sink) -> InputReport:
    """``row_id,cents`` rows; a row ``bad`` refuses the file unless allowed; other text breaks the reader."""
    rows, issues = [], []
    for number, line in enumerate(source.read_text().splitlines()[1:], start=2):
        cents = line.split(",")[1]
        if cents == "bad":
            issues.append(Issue("BAD_AMOUNT", "error", f"row {number}: not a number", row_number=number))
        else:
            rows.append((number, int(cents)))
    push(sink, "charge", CHARGE, context, rows)
    rejected = bool(issues) and context.max_bad_row_share < 1
    return InputReport(
        "rejected" if rejected else "clean",
        "ehr_csv",
        "fake_charges",
        READER_VERSION,
        rows={"charge": len(rows)},
        control_totals_cents={"charge": sum(cents for _, cents in rows)},
        issues=tuple(issues),
        quarantined_rows=len(issues),
    )


def read_remits(source: Path, context: ReadContext, sink: Sink) -> InputReport:
    """One remittance per ST; ``HOLD`` in it holds it; no IEA: TRUNCATED; ``TEST``: a test file."""
    text = source.read_text(errors="replace")
    status, issue = "clean", None
    if "TEST" in text and not context.accept_test_files:
        issue = Issue("TEST_INDICATOR", "error", "ISA15 is T")
    elif "IEA" not in text and not context.complete_transactions:
        issue = Issue("TRUNCATED", "error", "no IEA", byte_offset=len(text))
    states = ["held" if "HOLD" in part else "loaded" for part in text.split("ST*835")[1:]]
    rows = list(enumerate(states, start=1))
    push(sink, "remittance", REMITTANCE, context, rows)
    status = "rejected" if issue else "held" if "held" in states else "clean"
    counts = {"remittance": len(rows)}
    return InputReport(
        status, "x12_835", "fake_remits", READER_VERSION, rows=counts, issues=(issue,) if issue else ()
    )


def push(
    sink: Sink, table: str, schema: pa.Schema, context: ReadContext, rows: list[tuple[Any, ...]]
) -> None:
    if rows:
        lineage = [[context.file_sha256] * len(rows), [context.commit_id] * len(rows)]
        columns = [*lineage, *(list(column) for column in zip(*rows, strict=True))]
        arrays = [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
        sink(table, pa.RecordBatch.from_arrays(arrays, schema=schema))


READERS = {"ehr_csv": read_charges, "x12_835": read_remits}


def settings_of(root: Path, **changes: Any) -> Settings:
    return Settings(_env_file=None, data_root=root, stability_seconds=0, **changes)


def charges(*cents: object) -> bytes:
    return "\n".join(["row_id,cents", *(f"{n},{value}" for n, value in enumerate(cents))]).encode()


def remit(*transactions: str, end: str = "IEA*1*000000001~") -> bytes:
    header = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
    header += "*261121*1200*^*00501*000000001*0*P*:~GS*HP*S*R*20261121*1200*1*X*005010X221A1~"
    return (header + "".join(f"ST*835*{n}~{text}~" for n, text in enumerate(transactions, 1)) + end).encode()


def drop(settings: Settings, name: str, content: bytes) -> Path:
    path = settings.landing_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def run(settings: Settings, feed: str = "ehr") -> int | None:
    return ingest.run(settings, feed, readers=READERS)


def ends(settings: Settings) -> list[tuple[str, str, str | None]]:
    """(landing path, status, reason) of every input, sorted."""
    with open_ledger(settings) as ledger:
        return sorted(
            tuple(row) for row in ledger.rows("select landing_path, status, reason_code from inputs")
        )


def counted_rows(settings: Settings, table: str = "charge") -> list[tuple[Any, ...]]:
    """Rows that count, as downstream sees them: joined with the active inputs; without the commit id."""
    with open_ledger(settings) as ledger:
        active = {
            (row[0], row[1])
            for row in ledger.rows(
                "select file_sha256, commit_id from active_inputs join commits using (commit_number)"
            )
        }
        files = [
            row[0]
            for row in ledger.rows("select relative_path from data_files where table_name = ?", (table,))
        ]
    rows = [
        tuple(row.values()) for file in files for row in pq.read_table(settings.raw_dir / file).to_pylist()
    ]
    return sorted((row[0], *row[2:]) for row in rows if (row[0], row[1]) in active)


def _kill_at(number: int, root: Path) -> None:
    seen = 0

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if (event == "open" or event.startswith("os.")) and any(str(root) in str(a) for a in arguments):
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


if __name__ == "__main__":
    data_root = Path(sys.argv[1])
    if len(sys.argv) > 2:
        _kill_at(int(sys.argv[2]), data_root)
    chosen = settings_of(data_root)
    for each in ("ehr", "remits"):
        run(chosen, each)
