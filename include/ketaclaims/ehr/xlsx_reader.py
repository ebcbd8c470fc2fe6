"""Reads an .xlsx workbook into canonical tables: every sheet that is a known report, by the same profiles.

Rows of the second and later sheets are numbered from ``ROWS_PER_SHEET`` on, so that a row number says where
a row stood: 20000003 is row 3 of the third sheet.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

from ketaclaims.ehr.header import LOOKED_AT_ROWS, Header, find_header
from ketaclaims.ehr.loading import Tally, clinic_refusal, finished, load_records, report_of
from ketaclaims.ehr.profile import Profile
from ketaclaims.ehr.profile_build import all_profiles
from ketaclaims.ehr.records import BrokenRow, Row
from ketaclaims.ehr.workbook import cell_text, open_workbook, sheet_rows
from ketaclaims.landing.zip_guard import ArchiveRefusedError
from ketaclaims.raw.contract import InputReport, Issue, ReadContext, Sink

KIND = "xlsx"
READER = "ehr_xlsx"
READER_VERSION = "1"
ROWS_PER_SHEET = 10_000_000  # a sheet has at most 1,048,576
Record = Row | BrokenRow


def read_ehr_xlsx(source: Path, context: ReadContext, sink: Sink) -> InputReport:
    """Read one workbook; never raises on bad input. A ``rejected`` report may follow pushed rows."""
    tally, known = Tally(), all_profiles(context.profiles_dir)
    try:
        with open_workbook(source) as (values, formulas):
            refusals = [
                refusal
                for number, sheet in enumerate(values.worksheets, start=1)
                if (refusal := _read_sheet(number, sheet, formulas, known, context, sink, tally))
            ]
    except ArchiveRefusedError as refused:
        return _rejected(tally, refused.issue)
    fatal = [issue for issue in refusals if issue.severity == "error"]
    if fatal or not tally.matches:
        return _rejected(tally, *(fatal or _as_errors(refusals)))
    tally.issues += refusals
    return finished(tally, context, KIND, READER, READER_VERSION)


def _read_sheet(
    number: int,
    sheet: Any,
    formulas: Any,
    known: tuple[Profile, ...],
    context: ReadContext,
    sink: Sink,
    tally: Tally,
) -> Issue | None:
    """Load one sheet. One that is no known report is named and passed over: the workbook may have others."""
    twin = formulas[sheet.title] if formulas else None
    records = _records(sheet, twin, (number - 1) * ROWS_PER_SHEET)
    first = list(islice(records, LOOKED_AT_ROWS))
    if not any(isinstance(record, BrokenRow) or any(record.fields) for record in first):
        return None  # an empty sheet
    header = find_header(first, "", _for_sheet(known, sheet.title))
    if isinstance(header, Issue):  # its title belongs to one report, its columns perhaps to another
        header = find_header(first, "", known)
    if isinstance(header, Issue):
        return Issue(header.code, "warning", f"Sheet {number}, not loaded: {header.message}")
    refusal = clinic_refusal(header.match, context)
    if refusal:
        return refusal
    load_records(_as_wide(chain(first, records), header), header, context, sink, tally)
    return None


def _for_sheet(known: tuple[Profile, ...], title: str) -> tuple[Profile, ...]:
    """Profiles of the reports whose sheets have such a title; where there are none, all."""
    from dataclasses import replace

    bound = [
        replace(profile, reports=reports)
        for profile in known
        if (reports := tuple(r for r in profile.reports if r.sheet and r.sheet.search(title)))
    ]
    return tuple(bound) or known


def _as_wide(records: Iterable[Record], header: Header) -> Iterator[Record]:
    """Rows as wide as the header: a sheet ends a row at its last filled cell."""
    for record in records:
        if isinstance(record, Row):
            fields = record.fields[: header.width]
            if not any(record.fields[header.width :]):
                fields += [""] * (header.width - len(fields))
                record = Row(record.row_number, record.line_number, record.chars, fields)
        yield record


def _records(sheet: Any, twin: Any, offset: int) -> Iterator[Record]:
    """Rows of a sheet as text. ``twin`` is the same sheet with its formulas, where the workbook has any."""
    rows = sheet_rows(sheet)
    if twin is None:
        for at, cells in enumerate(rows, start=1):
            yield _record(at, offset, cells, ())
        return
    both = zip_longest(rows, sheet_rows(twin), fillvalue=())
    for at, (cells, written) in enumerate(both, start=1):
        yield _record(at, offset, cells, written)


def _record(at: int, offset: int, cells: Iterable[Any], written: Iterable[Any]) -> Record:
    cells = tuple(cells)
    fields = [cell_text(cell) for cell in cells]
    while fields and not fields[-1]:
        fields.pop()
    chars = sum(map(len, fields))
    reason = ""
    if any(cell.data_type == "e" for cell in cells):
        reason = "EXCEL_ERROR"
    elif any(
        formula.data_type == "f" and cell.value is None for cell, formula in zip(cells, written, strict=False)
    ):
        reason = "FORMULA_WITHOUT_VALUE"
    if reason:
        return BrokenRow(offset + at, at, chars, reason, ",".join(fields))
    return Row(offset + at, at, chars, fields)


def _as_errors(refusals: list[Issue]) -> list[Issue]:
    if not refusals:
        return [Issue("EMPTY", "error", "The workbook holds no rows.")]
    return [Issue(each.code, "error", each.message) for each in refusals]


def _rejected(tally: Tally, *issues: Issue) -> InputReport:
    tally.issues[:0] = issues
    return report_of(tally, "rejected", KIND, READER, READER_VERSION)
