"""One chunk of well-formed rows to a typed batch of good rows and a list of bad ones."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress

import pyarrow as pa
import pyarrow.compute as pc

from ketaclaims.ehr.casts import Cast, cast_column, tidy
from ketaclaims.ehr.profile import Match
from ketaclaims.ehr.records import Row
from ketaclaims.raw.contract import QUARANTINED_RECORD

MAX_RECORD_TEXT = 100_000  # the whole record stays in the archived original


@dataclass(frozen=True, slots=True)
class Lineage:
    """What every row of one input carries."""

    file_sha256: str
    commit_id: str
    exported_at: datetime | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not loaded; ``text`` is its content (PHI), kept in the raw store only."""

    row_number: int
    line_number: int
    column_name: str
    reason: str
    message: str
    text: str


@dataclass(slots=True)
class Chunk:
    """The outcome of one chunk: rows to load, rows not loaded, "no date" values emptied per column."""

    batch: pa.RecordBatch
    bad_rows: list[BadRow] = field(default_factory=list)
    sentinels: Counter[str] = field(default_factory=Counter)


def cast_chunk(rows: Sequence[Row], match: Match, lineage: Lineage) -> Chunk:
    """Cast rows (all as wide as the header) to the canonical table of the match."""
    report = match.report
    columns = list(zip(*(row.fields for row in rows), strict=True)) if rows else []
    casts: dict[str, Cast] = {}
    arrays: list[pa.Array] = _lineage_arrays([row.row_number for row in rows], lineage)
    for column in report.table.columns:
        at = match.positions.get(column.name)
        if at is None or not rows:
            arrays += [pa.nulls(len(rows), f.type) for f in column.fields()]
            continue
        text = tidy(pa.array(columns[at], pa.string()))
        cast = cast_column(column, text, match.profile.forms, is_upper=column.name in report.upper_case)
        casts[column.name] = cast
        arrays += cast.arrays
    batch = pa.RecordBatch.from_arrays(arrays, schema=report.table.schema())
    faults = _faults_by_row(casts)
    if faults:
        good = [at not in faults for at in range(len(rows))]
        batch = batch.filter(pa.array(good))
    kinds = {column.name: column.kind for column in report.table.columns}
    bad = [
        _bad_row(rows[at], found, kinds, match.profile.forms.forms) for at, found in sorted(faults.items())
    ]
    return Chunk(
        batch, bad, Counter({name: c.sentinel_count for name, c in casts.items() if c.sentinel_count})
    )


def quarantine_batch(bad_rows: Sequence[BadRow], table_name: str, lineage: Lineage) -> pa.RecordBatch:
    """Bad rows as rows of ``quarantined_record``."""
    return pa.RecordBatch.from_pylist(
        [
            {
                "_file_sha256": lineage.file_sha256,
                "_commit_id": lineage.commit_id,
                "_row_number": bad.row_number,
                "table_name": table_name,
                "column_name": bad.column_name or None,
                "reason_code": bad.reason,
                "message": bad.message,
                "record_text": bad.text,
            }
            for bad in bad_rows
        ],
        schema=QUARANTINED_RECORD,
    )


def _lineage_arrays(row_numbers: list[int], lineage: Lineage) -> list[pa.Array]:
    count = len(row_numbers)
    return [
        pa.repeat(pa.scalar(lineage.file_sha256, pa.string()), count),
        pa.repeat(pa.scalar(lineage.commit_id, pa.string()), count),
        pa.array(row_numbers, pa.int64()),
        pa.repeat(pa.scalar(lineage.exported_at, pa.timestamp("us")), count),
    ]


def _faults_by_row(casts: Mapping[str, Cast]) -> dict[int, list[tuple[str, str]]]:
    """(column, reason) of every bad value by row position, in the order of the columns."""
    faults: dict[int, list[tuple[str, str]]] = {}
    for name, cast in casts.items():
        for reason, mask in cast.faults.items():
            if pc.any(mask).as_py():
                for at in compress(range(len(mask)), mask.to_pylist()):
                    faults.setdefault(at, []).append((name, reason))
    return faults


def _bad_row(
    row: Row, found: list[tuple[str, str]], kinds: Mapping[str, str], forms: Mapping[str, str]
) -> BadRow:
    column, reason = found[0]
    message = VALUE_MESSAGES[reason].format(form=forms.get(kinds[column], ""))
    if found[1:]:
        message += " Also: " + ", ".join(f"{name} {code}" for name, code in found[1:]) + "."
    return BadRow(row.row_number, row.line_number, column, reason, message, record_text(row.fields))


def record_text(fields: Sequence[str]) -> str:
    """A split record as one line of CSV again, cut to what the raw store keeps."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()[:MAX_RECORD_TEXT]


VALUE_MESSAGES: Mapping[str, str] = {
    "BAD_DATE": "Not a date of the calendar in the form {form}.",
    "BAD_TIMESTAMP": "Not a time in the form {form}.",
    "BAD_AMOUNT": "Not an amount: {form}.",
    "BAD_NUMBER": "Not a number: {form}.",
    "BAD_INTEGER": "Not a whole number.",
    "BAD_BOOLEAN": "Not {form}.",
    "NOT_ALLOWED_VALUE": "Not one of the allowed values of this column (docs/data_contract.md).",
    "MISSING_VALUE": "Empty, but every row needs it.",
    "FIELD_TOO_LONG": "Longer than a field may be.",
}
