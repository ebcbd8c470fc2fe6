"""Reads one published reference table (NCCI pairs and MUEs, ICD-10-CM order file, HCPCS, CARC and RARC)."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa

from ketaclaims.ehr.workbook import cell_text, open_workbook, sheet_rows
from ketaclaims.landing.reference_marks import (
    DELIMITERS,
    LOOKED_AT_LINES,
    ORDER_LINE,
    ReferenceTable,
    find_header,
    is_order_file,
    place_of,
)
from ketaclaims.landing.release import release_in
from ketaclaims.landing.zip_guard import ArchiveRefusedError
from ketaclaims.raw.contract import QUARANTINED_RECORD, InputReport, Issue, ReadContext, Sink
from ketaclaims.reference.layouts import LAYOUTS, BadCellError, Layout, covers_to, first_day
from ketaclaims.reference.tables import REFERENCE_TABLES

KIND = "reference_table"
READER = "reference"
READER_VERSION = "1"
_BATCH_ROWS = 50_000
_ZIP_MARK = b"PK"
Row = tuple[int, list[str]]  # number from 1, cells


@dataclass(slots=True)
class _Found:
    """A table in the input: what it is, its columns, the rows below its header."""

    table: ReferenceTable
    places: Mapping[str, int]
    rows: Iterator[Row]
    title: str  # what stands above the header


@dataclass(slots=True)
class _Load:
    """What was read and refused so far."""

    rows: int = 0
    bad: int = 0
    issues: list[Issue] = field(default_factory=list)


def read_reference(source: Path, context: ReadContext, sink: Sink) -> InputReport:
    """Read one table into ``reference_…``; never raises on bad input.

    Rejected: NO_HEADER, RELEASE_UNKNOWN, TOO_MANY_BAD_ROWS, NO_ROWS, and what workbooks can be refused for.
    """
    try:
        with _opened(source) as found:
            if found is None:
                return _rejected(_Load(), Issue("NO_HEADER", "error", _NO_HEADER))
            return _load(found, context, sink)
    except ArchiveRefusedError as refused:
        return _rejected(_Load(), refused.issue)


_NO_HEADER = (
    "No sheet or line holds the whole header of a reference table. Drop the file as it was published."
)
_NO_RELEASE = (
    "Neither the lines above the header nor the file's name say which release this is. Keep the publisher's "
    "file name, or write a first line such as 'Release: 2026-07-01', and drop it again."
)


def _load(found: _Found, context: ReadContext, sink: Sink) -> InputReport:
    released, stated_by = _release(found, context)
    if released is None:
        return _rejected(_Load(), Issue("RELEASE_UNKNOWN", "error", _NO_RELEASE))
    layout, load = LAYOUTS[found.table], _Load()
    rows: dict[str, int] = {}
    batch: list[tuple[Any, ...]] = []
    refused: list[tuple[Any, ...]] = []
    for number, values in _values(found, layout, load, refused):
        batch.append((number, released, *values))
        if len(batch) == _BATCH_ROWS:
            _push(layout.raw_table, batch, context, sink, rows)
    _push(layout.raw_table, batch, context, sink, rows)
    _push("quarantined_record", refused, context, sink, rows)
    if load.bad > max(context.max_bad_rows_tolerated, context.max_bad_row_share * load.rows):
        text = f"{load.bad} of {load.rows} rows cannot be read: not the table as it was published."
        return _rejected(load, Issue("TOO_MANY_BAD_ROWS", "error", text), rows)
    if load.rows == load.bad:
        return _rejected(load, Issue("NO_ROWS", "error", "No row stands below the header."), rows)
    counted = load.rows - load.bad
    release = (1, found.table, released, covers_to(found.table, released), counted, stated_by)
    _push("reference_release", [release], context, sink, rows)
    return _report("warned" if load.bad else "clean", load, rows)


def _release(found: _Found, context: ReadContext) -> tuple[date | None, str]:
    if stated := release_in(found.title):
        return first_day(found.table, stated), "title"
    if context.release_date:
        return first_day(found.table, context.release_date), "name"
    if found.table == "reason_code" and context.exported_at:  # its rows carry all the dates that count
        return datetime.fromisoformat(context.exported_at).date(), "file time"
    return None, ""


def _values(
    found: _Found, layout: Layout, load: _Load, refused: list[tuple[Any, ...]]
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Raw values row by row; a row that cannot be read goes to ``refused`` with its column."""
    for number, cells in found.rows:
        if not any(cells):
            continue
        named = {name: cells[at].strip('" ') if at < len(cells) else "" for name, at in found.places.items()}
        load.rows += 1
        try:
            values = layout.row(named)
        except BadCellError as bad:
            load.bad += 1
            text = f"Not a value of the published column {bad.column}."
            load.issues.append(Issue("BAD_VALUE", "warning", text, row_number=number, element=bad.column))
            refused.append((number, layout.raw_table, bad.column, "BAD_VALUE", text, ",".join(cells)))
            continue
        if values is not None:
            yield number, values


def _push(
    table: str, batch: list[tuple[Any, ...]], context: ReadContext, sink: Sink, rows: dict[str, int]
) -> None:
    if not batch:
        return
    schema = REFERENCE_TABLES.get(table, QUARANTINED_RECORD)
    fields = list(schema)[2:]
    columns = [
        pa.array(values, each.type) for each, values in zip(fields, zip(*batch, strict=True), strict=True)
    ]
    lineage = [pa.repeat(value, len(batch)) for value in (context.file_sha256, context.commit_id)]
    sink(table, pa.RecordBatch.from_arrays([*lineage, *columns], schema=schema))
    rows[table] = rows.get(table, 0) + len(batch)
    batch.clear()


@contextmanager
def _opened(source: Path) -> Iterator[_Found | None]:
    with source.open("rb") as raw:
        is_workbook = raw.read(len(_ZIP_MARK)) == _ZIP_MARK
    if is_workbook:
        with open_workbook(source) as (values, _):
            tables = (
                _under_header([cell_text(cell) for cell in cells] for cells in sheet_rows(sheet))
                for sheet in values.worksheets
            )
            yield next((found for found in tables if found), None)
        return
    with source.open(encoding=_encoding(source), errors="replace", newline="") as stream:
        head = list(islice(stream, LOOKED_AT_LINES))
        if is_order_file(head):
            yield _order_rows(chain(head, stream))
        else:
            tables = (_delimited(stream, mark) for mark in DELIMITERS)
            yield next((found for found in tables if found), None)


def _encoding(source: Path) -> str:
    """UTF-16 and UTF-8 by their marks; else Latin-1, which takes any byte: codes and dates are ASCII."""
    with source.open("rb") as raw:
        mark = raw.read(3)
    if mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    return "utf-8-sig" if mark == b"\xef\xbb\xbf" else "latin-1"


def _delimited(stream: TextIO, mark: str) -> _Found | None:
    stream.seek(0)
    is_tabbed = mark == "\t"  # CMS quotes nothing there
    try:
        return _under_header(
            csv.reader(stream, delimiter=mark, quoting=csv.QUOTE_NONE)
            if is_tabbed
            else csv.reader(stream, delimiter=mark)
        )
    except csv.Error:  # a cell longer than any of these tables has
        return None


def _under_header(cells: Iterable[list[str]]) -> _Found | None:
    lines = iter(cells)
    first = list(islice(lines, LOOKED_AT_LINES))
    header = find_header(first)
    if header is None:
        return None
    table, at, names = header
    layout = LAYOUTS[table]
    found = {name: place_of(mark, names) for name, mark in layout.columns.items()}
    places = {name: place for name, place in found.items() if place is not None}
    if set(layout.columns) - set(places) - layout.optional:
        return None
    rows = enumerate(chain(first[at + 1 :], lines), start=at + 2)
    return _Found(table, places, rows, " ".join(" ".join(row) for row in first[:at]))


def _order_rows(lines: Iterable[str]) -> _Found:
    """Rows of CMS's fixed-width order file. A line of another form has no cells that could be read."""
    split = (
        list(found.groups()[1:]) if (found := ORDER_LINE.match(line)) else ["?" if line.strip() else "", ""]
        for line in lines
    )
    return _Found("icd10cm", {"code": 0, "is_billable": 1}, enumerate(split, start=1), "")


def _rejected(load: _Load, issue: Issue, rows: dict[str, int] | None = None) -> InputReport:
    load.issues.insert(0, issue)
    return _report("rejected", load, rows or {})


def _report(status: Any, load: _Load, rows: dict[str, int]) -> InputReport:
    return InputReport(
        status, KIND, READER, READER_VERSION, rows=rows, issues=tuple(load.issues), quarantined_rows=load.bad
    )
