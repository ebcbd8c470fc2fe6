"""One chunk of well-formed rows to typed batches of good rows and a list of bad ones.

A row of a report may become rows of several tables: it loads whole or, when any value is bad, not at all.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress

import pyarrow as pa
import pyarrow.compute as pc

from ketaclaims.ehr.casts import Cast, cast_column
from ketaclaims.ehr.cells import Cells, Text, canonical_text
from ketaclaims.ehr.profile import Match, Output
from ketaclaims.ehr.reasons import MESSAGES
from ketaclaims.ehr.records import Row
from ketaclaims.ehr.row_checks import Flags, flag_empty, flag_rows, flag_table, is_test_patient
from ketaclaims.raw.contract import QUARANTINED_RECORD, REPAIRED_VALUE

MAX_RECORD_TEXT = 100_000  # the whole record stays in the archived original


@dataclass(frozen=True, slots=True)
class Lineage:
    """What every row of one input carries; ``clinic_id`` for reports that do not name the clinic."""

    file_sha256: str
    commit_id: str
    exported_at: datetime | None
    clinic_id: str | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not loaded; ``text`` is its content (PHI), kept in the raw store only."""

    row_number: int
    line_number: int
    table_name: str
    column_name: str
    reason: str
    message: str
    text: str


@dataclass(slots=True)
class Chunk:
    """The outcome of one chunk.

    ``batches``: rows to load by table, in the order of the report; ``bad_rows``: not loaded; ``excluded``:
    rows of test patients; ``sentinels``: "no date" values emptied per column.
    """

    batches: list[tuple[Output, pa.RecordBatch]]
    good_count: int
    repaired: pa.RecordBatch | None = None
    bad_rows: list[BadRow] = field(default_factory=list)
    excluded: list[BadRow] = field(default_factory=list)
    sentinels: Counter[str] = field(default_factory=Counter)
    flags: Flags = field(default_factory=dict)


@dataclass(slots=True)
class _Made:
    """One table's columns of a chunk, before the rows are chosen. ``is_wanted`` None: a row for each."""

    output: Output
    batch: pa.RecordBatch
    texts: dict[str, Text]
    casts: dict[str, Cast]
    is_wanted: pa.Array | None


def cast_chunk(rows: Sequence[Row], match: Match, lineage: Lineage) -> Chunk:
    """Cast rows (all as wide as the header) to the canonical tables of the match."""
    cells = Cells(match, rows)
    excluded: list[BadRow] = []
    is_test = is_test_patient(cells) if rows else None
    if is_test is not None:
        excluded = [_test_row(row, match) for row in compress(rows, is_test)]
        rows = [row for row, tested in zip(rows, is_test, strict=True) if not tested]
        cells = Cells(match, rows)
    numbers = cells.numbers()
    made = [_make(output, cells, numbers, lineage) for output in match.report.outputs]
    faults = _faults_by_row(made)
    good = pa.array([at not in faults for at in range(len(rows))]) if faults else None
    flags = flag_rows(cells, good)
    flag_empty(flags, numbers, good, [each.is_wanted for each in made])
    batches = []
    for each in made:
        batch = _chosen(each, good)
        flag_table(flags, each.output, batch, match.report.rules, lineage.exported_at)
        batches.append((each.output, batch))
    sentinels: Counter[str] = Counter()
    for each in made:
        sentinels.update({name: c.sentinel_count for name, c in each.casts.items() if c.sentinel_count})
    return Chunk(
        batches=batches,
        good_count=len(rows) - len(faults),
        repaired=_repaired(made, cells, numbers, good, lineage),
        bad_rows=[_bad_row(rows[at], found, match) for at, found in sorted(faults.items())],
        excluded=excluded,
        sentinels=sentinels,
        flags=flags,
    )


def _make(output: Output, cells: Cells, numbers: list[int], lineage: Lineage) -> _Made:
    """Every column of one table, null where the report has none for it."""
    forms = cells.match.profile.forms
    texts: dict[str, Text] = {}
    casts: dict[str, Cast] = {}
    arrays = _lineage_arrays(numbers, lineage)
    for column in output.table.columns:
        value = output.values.get(column.name)
        text = canonical_text(value, cells, lineage.clinic_id) if value and numbers else None
        if text is None:
            arrays += [pa.nulls(len(numbers), f.type) for f in column.fields()]
            continue
        cast = cast_column(column, text.values, forms, is_upper=column.name in output.upper_case)
        texts[column.name], casts[column.name] = text, cast
        arrays += cast.arrays
    batch = pa.RecordBatch.from_arrays(arrays, schema=output.table.schema())
    return _Made(output, batch, texts, casts, _wanted(output, texts, len(numbers)))


def _wanted(output: Output, texts: Mapping[str, Text], count: int) -> pa.Array | None:
    """Rows with a value, good or bad, in the column without which there is nothing to say."""
    if output.only_if is None:
        return None
    text = texts.get(output.only_if)
    if text is None:
        return pa.repeat(pa.scalar(False), count)
    wanted = pc.is_valid(text.values)
    for mask in text.faults.values():
        wanted = pc.or_(wanted, mask)
    return wanted


def _chosen(made: _Made, good: pa.Array | None) -> pa.RecordBatch:
    masks = [mask for mask in (good, made.is_wanted) if mask is not None]
    batch = made.batch
    if masks:
        batch = batch.filter(masks[0] if len(masks) == 1 else pc.and_(*masks))
    return _without_repeats(batch) if made.output.is_distinct and batch.num_rows > 1 else batch


def _without_repeats(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Leave out rows equal to the one before them in all but their row number."""
    differs = pa.repeat(pa.scalar(False), batch.num_rows - 1)
    for name in batch.schema.names:
        if name == "_row_number":
            continue
        column = batch.column(name)
        first, second = column[1:], column[:-1]
        unequal = pc.fill_null(pc.not_equal(first, second), False)
        differs = pc.or_(differs, pc.or_(unequal, pc.xor(pc.is_null(first), pc.is_null(second))))
    return batch.filter(pa.concat_arrays([pa.array([True]), differs]))


def _repaired(
    made: Iterable[_Made], cells: Cells, numbers: list[int], good: pa.Array | None, lineage: Lineage
) -> pa.RecordBatch | None:
    """The original text of every repaired cell of a loaded row, once per cell."""
    found: dict[str, tuple[str, str, pa.Array]] = {}
    for each in made:
        for name, text in each.texts.items():
            if text.repaired is None or not pc.any(text.repaired).as_py():
                continue
            source = each.output.values[name].columns[0]
            table, column, mask = found.get(source, (each.output.table.name, name, text.repaired))
            found[source] = (table, column, pc.or_(mask, text.repaired))
    batches = []
    for source, (table, column, mask) in found.items():
        kept = pc.and_(mask, good) if good is not None else mask
        at = pa.array(numbers, pa.int64()).filter(kept)
        batches.append(_repaired_batch(at, (table, column, source), cells.text(source).filter(kept), lineage))
    return pa.concat_batches(batches) if batches else None


def _repaired_batch(
    numbers: pa.Array, place: tuple[str, str, str], texts: pa.Array, lineage: Lineage
) -> pa.RecordBatch:
    words = (lineage.file_sha256, lineage.commit_id)
    arrays = [pa.repeat(pa.scalar(word, pa.string()), len(numbers)) for word in (*words, *place)]
    return pa.RecordBatch.from_arrays(
        [*arrays[:2], numbers, *arrays[2:], pc.utf8_slice_codeunits(texts, 0, MAX_RECORD_TEXT)],
        schema=REPAIRED_VALUE,
    )


def quarantine_batch(bad_rows: Sequence[BadRow], lineage: Lineage) -> pa.RecordBatch:
    """Bad rows as rows of ``quarantined_record``."""
    return pa.RecordBatch.from_pylist(
        [
            {
                "_file_sha256": lineage.file_sha256,
                "_commit_id": lineage.commit_id,
                "_row_number": bad.row_number,
                "table_name": bad.table_name,
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


@dataclass(frozen=True, slots=True)
class _Fault:
    """One bad value: the table and column it was for, and why."""

    table: str
    column: str
    kind: str
    reason: str


def _faults_by_row(made: Iterable[_Made]) -> dict[int, list[_Fault]]:
    """Every bad value by row position, in the order of tables and columns; one per source cell and reason."""
    faults: dict[int, list[_Fault]] = {}
    for each in made:
        kinds = {column.name: column.kind for column in each.output.table.columns}
        for name, cast in each.casts.items():
            both = [*each.texts[name].faults.items(), *cast.faults.items()]
            for reason, mask in both:
                if not pc.any(mask).as_py():
                    continue
                if each.is_wanted is not None:
                    mask = pc.and_(mask, each.is_wanted)
                fault = _Fault(each.output.table.name, name, kinds[name], reason)
                for at in compress(range(len(mask)), mask.to_pylist()):
                    _add(faults.setdefault(at, []), fault)
    return faults


def _add(found: list[_Fault], fault: _Fault) -> None:
    """A value not taken is not called missing too, nor counted once more for each table it goes to."""
    named = [(each.column, each.reason) for each in found]
    is_told = found and found[-1].column == fault.column and fault.reason == "MISSING_VALUE"
    if not is_told and (fault.column, fault.reason) not in named:
        found.append(fault)


def _bad_row(row: Row, found: list[_Fault], match: Match) -> BadRow:
    first, forms = found[0], match.profile.forms.forms
    message = MESSAGES[first.reason].format(form=forms.get(first.kind, ""))
    if found[1:]:
        message += " Also: " + ", ".join(f"{each.column} {each.reason}" for each in found[1:]) + "."
    text = record_text(row.fields)
    return BadRow(row.row_number, row.line_number, first.table, first.column, first.reason, message, text)


def _test_row(row: Row, match: Match) -> BadRow:
    table = match.report.outputs[0].table.name
    message = "A row of a test patient, by the rule of the profile: kept here, loaded nowhere."
    return BadRow(
        row.row_number, row.line_number, table, "", "TEST_PATIENT", message, record_text(row.fields)
    )


def record_text(fields: Sequence[str]) -> str:
    """A split record as one line of CSV again, cut to what the raw store keeps."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()[:MAX_RECORD_TEXT]
