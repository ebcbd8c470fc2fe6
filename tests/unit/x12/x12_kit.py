"""Small 835s as lists of segments, written with any delimiters, and a reader into plain rows."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ketaclaims.raw.contract import InputReport, ReadContext
from ketaclaims.x12 import claim_runs
from ketaclaims.x12.remit_reader import read_remittances
from ketaclaims.x12.tables import REMIT_TABLES
from ketaclaims.x12.totals import Totals

FIXTURES = Path(__file__).parents[2] / "fixtures" / "x12"
SAMPLES = Path(__file__).parents[3] / ".." / "shared" / "samples" / "835"

HEAD = (
    "BPR*I*100*C*CHK************20260115",
    "TRN*1*T1*1900000001",
    "N1*PR*PLAN*XV*90001",
    "N1*PE*CLINIC*XX*1234567893",
    "LX*1",
)
CLAIM = ("CLP*A1*1*150*100*20*12*ICN1*11*1", "CAS*CO*45*30", "CAS*PR*2*20")


def st(*body: str, number: str = "0001", se_count: int | None = None) -> list[str]:
    count = len(body) + 2 if se_count is None else se_count
    return [f"ST*835*{number}", *body, f"SE*{count}*{number}"]


def interchange(
    *transactions: Sequence[str], control: int = 1, usage: str = "P", version: str = "005010X221A1"
) -> list[str]:
    parties = f"ZZ*{'PAYER':15}*ZZ*{'CLINIC':15}"
    isa = f"ISA*00*{'':10}*00*{'':10}*{parties}*260101*1200*^*00501*{control:09}*0*{usage}*:"
    group = f"GS*HP*PAYER*CLINIC*20260101*1200*{control}*X*{version}"
    body = [segment for transaction in transactions for segment in transaction]
    return [isa, group, *body, f"GE*{len(transactions)}*{control}", f"IEA*1*{control:09}"]


def payment(*claims: str, head: Iterable[str] = HEAD) -> list[str]:
    """A balanced transaction by default: 100.00 paid for one claim."""
    return st(*head, *(claims or CLAIM))


def edited(segments: Iterable[str], old: str, new: str) -> list[str]:
    """Replace one segment, which must be there once."""
    segments = list(segments)
    assert segments.count(old) == 1, old
    return [new if segment == old else segment for segment in segments]


def render(segments: Iterable[str], element: str = "*", component: str = ":", end: str = "~\n") -> bytes:
    table = str.maketrans({"*": element, ":": component})
    return "".join(segment.translate(table) + end for segment in segments).encode()


@dataclass
class Read:
    report: InputReport
    totals: Totals
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def codes(self) -> list[str]:
        return [issue.code for issue in self.report.issues]

    @property
    def statuses(self) -> list[str]:
        return [row["transaction_status"] for row in self.tables["remittance"]]

    def one(self, table: str) -> dict[str, Any]:
        (row,) = self.tables[table]
        return row

    def column(self, table: str, *names: str) -> list[Any]:
        rows = self.tables[table]
        return [row[names[0]] if len(names) == 1 else tuple(row[name] for name in names) for row in rows]


def read(path: Path, data: bytes | Iterable[str], **context: Any) -> Read:
    """Read bytes or segments through a file in ``path``: by handlers and compiled to one result."""
    content = data if isinstance(data, bytes) else render(data)
    source = path / "input.835"
    source.write_bytes(content)
    reference, compiled = (_read(source, is_compiled, context) for is_compiled in (False, True))
    assert compiled.totals == reference.totals
    if reference.report.status == "rejected":  # what went on before the refusal depends on the blocks
        assert replace(compiled.report, rows={}) == replace(reference.report, rows={})
    else:
        assert compiled.report == reference.report
        assert compiled.tables == reference.tables
    return reference


def _read(source: Path, is_compiled: bool, context: dict[str, Any]) -> Read:
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in REMIT_TABLES}

    def sink(table: str, batch: pa.RecordBatch) -> None:
        assert batch.schema.equals(REMIT_TABLES[table])
        batch.validate(full=True)
        tables[table].extend(batch.to_pylist())

    with reading_by(is_compiled):
        reading = read_remittances(source, ReadContext("f" * 64, "commit", **context), sink)
    assert {name: len(rows) for name, rows in tables.items() if rows} == dict(reading.report.rows)
    return Read(reading.report, reading.totals, tables)


@contextmanager
def reading_by(is_compiled: bool) -> Iterator[None]:
    """Read every file compiled, however small, or none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claim_runs, "WORTHWHILE_FILE_BYTES", 0 if is_compiled else 1 << 60)
        patch.setattr(claim_runs, "WORTHWHILE_BLOCK_BYTES", 0)
        yield


def without_lineage(read_result: Read, *dropped: str) -> dict[str, list[dict[str, Any]]]:
    """Rows to compare two spellings of one file by: without raw text and byte positions."""
    ignored = {"byte_offset", "segment_text", *dropped}
    return {
        table: [{name: value for name, value in row.items() if name not in ignored} for row in rows]
        for table, rows in read_result.tables.items()
    }
