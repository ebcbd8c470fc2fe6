"""What readers and the raw store promise each other (design 4.2).

A reader turns one input (one archived file, or one member of an archive) into rows. It pushes record
batches into a sink as it goes, so memory stays bounded, and returns one report. It neither commits nor
knows where the rows go. Rows of an input whose report says ``rejected`` are never counted downstream.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa

Severity = Literal["error", "warning", "info"]
Status = Literal["clean", "warned", "held", "rejected"]

# (table name, rows); every batch holds the lineage columns of LINEAGE
Sink = Callable[[str, pa.RecordBatch], None]


@dataclass(frozen=True, slots=True)
class Issue:
    """One diagnostic. The message names position and cause, never content."""

    code: str
    severity: Severity
    message: str
    segment_number: int | None = None
    row_number: int | None = None
    byte_offset: int | None = None
    element: str | None = None  # "CLP03", or a column name


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What a reader is told of its input and of the settings that change its outcome."""

    file_sha256: str
    commit_id: str
    accept_test_files: bool = False
    complete_transactions: bool = False  # a person released a truncated file: load its whole transactions
    max_segment_bytes: int = 1_000_000
    max_bad_row_share: float = 0.005
    max_bad_rows_tolerated: int = 5
    profiles_dir: Path | None = None  # export profiles besides the shipped ones
    known_partners: tuple[str, ...] = ()  # ISA06 and ISA08 must be among them; empty: any
    exported_at: str | None = None  # ISO time the file was written by its source (mtime), orders versions
    clinic_id: str | None = None  # clinic of an input that does not say whose it is (landing/clinic.py)
    release_date: date | None = None  # release of a reference table by its name (landing/release.py)


@dataclass(frozen=True, slots=True)
class InputReport:
    """The outcome of reading one input."""

    status: Status
    kind: str  # x12_835, ehr_csv, ...
    reader: str
    reader_version: str
    profile: str = ""
    profile_version: str = ""
    clinic_ids: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)  # table -> rows pushed
    control_totals_cents: Mapping[str, int] = field(default_factory=dict)  # bpr02, clp03, clp04 ... or charge
    issues: tuple[Issue, ...] = ()
    quarantined_rows: int = 0


class Reader(Protocol):
    """Reads one input; raises only on faults of the machine, never on bad input."""

    def __call__(self, source: Path, context: ReadContext, sink: Sink) -> InputReport:
        """Push the rows of ``source`` into ``sink`` and report."""
        ...


# on every row of every raw table; the position is _segment_number (X12) or _row_number (the rest)
LINEAGE = (pa.field("_file_sha256", pa.string()), pa.field("_commit_id", pa.string()))

# rows an EHR reader could not take; content stays inside the raw store
QUARANTINED_RECORD = pa.schema(
    [
        *LINEAGE,
        pa.field("_row_number", pa.int64()),
        pa.field("table_name", pa.string()),
        pa.field("column_name", pa.string()),
        pa.field("reason_code", pa.string()),
        pa.field("message", pa.string()),
        pa.field("record_text", pa.string()),
    ]
)

# the text of a cell as it stood where a repair changed it (a code padded, a dose parsed); a loaded row's only
REPAIRED_VALUE = pa.schema(
    [
        *LINEAGE,
        pa.field("_row_number", pa.int64()),
        pa.field("table_name", pa.string()),
        pa.field("column_name", pa.string()),
        pa.field("source_column", pa.string()),
        pa.field("source_text", pa.string()),
    ]
)
