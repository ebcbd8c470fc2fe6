"""Reads one delimited EHR export into its canonical table (design 4.4).

The table is found by the header. A bad row goes to ``quarantined_record`` with its row number and reason
and the rest loads, unless too much of the file is bad. Memory stays flat whatever the size of the file.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.compute as pc

from ketaclaims.ehr import READER, READER_VERSION
from ketaclaims.ehr.chunk import MAX_RECORD_TEXT, BadRow, Lineage, cast_chunk, quarantine_batch, record_text
from ketaclaims.ehr.header import Header, read_header
from ketaclaims.ehr.profile import Match
from ketaclaims.ehr.records import BrokenRow, Row, open_text, printable, read_records
from ketaclaims.raw.contract import InputReport, Issue, ReadContext, Sink, Status

CHUNK_ROWS = 20_000
CHUNK_CHARS = 8_000_000
MAX_ROW_ISSUES = 50  # every bad row is a row of quarantined_record; the report shows the first ones

BROKEN_MESSAGES = {
    "RAGGED_ROW": "The row has {got} fields, the header has {wanted}.",
    "UNCLOSED_QUOTE": "A quote is opened and not closed.",
    "BAD_QUOTING": "Text follows a closing quote; a quote inside a field is written twice.",
    "FIELD_TOO_LONG": "Longer than a field may be.",
    "CONTROL_CHARACTER": "The row holds a NUL character.",
    "BAD_ENCODING": "The row is not UTF-8; export the file as UTF-8.",
}


@dataclass(slots=True)
class _Tally:
    """What has been seen of one file so far."""

    good: int = 0
    bad: int = 0
    total_cents: int = 0
    clinic_ids: set[str] = field(default_factory=set)
    sentinels: Counter[str] = field(default_factory=Counter)
    issues: list[Issue] = field(default_factory=list)


def read_ehr_csv(source: Path, context: ReadContext, sink: Sink) -> InputReport:
    """Read one EHR export; never raises on bad input. A ``rejected`` report may follow pushed rows."""
    try:
        header = read_header(source)
        if isinstance(header, Issue):
            return _report("rejected", None, _Tally(issues=[header]))
        return _read_rows(source, header, context, sink)
    except UnicodeError:  # only UTF-16 is decoded strictly
        text = "The byte order mark says UTF-16, but the file is not. Export it as UTF-8."
        return _report("rejected", None, _Tally(issues=[Issue("BAD_ENCODING", "error", text)]))


def _read_rows(source: Path, header: Header, context: ReadContext, sink: Sink) -> InputReport:
    match, tally = header.match, _Tally(issues=header.warnings())
    lineage = Lineage(context.file_sha256, context.commit_id, _utc(context.exported_at))
    # the fewest bytes a row can have, hence the most rows: beyond their share no good row can save the file
    most_rows = source.stat().st_size // header.width + 1
    with open_text(source) as stream:
        for rows, bad in _chunks(read_records(stream, header.delimiter), header):
            _take(rows, bad, match, lineage, sink, tally)
            if _is_too_many(tally.bad, most_rows, context):
                break
    if tally.bad and (not tally.good or _is_too_many(tally.bad, tally.good + tally.bad, context)):
        text = (
            f"{tally.bad} of {tally.bad + tally.good} rows read are bad, more than is tolerated. "
            "Correct the export, or raise max_bad_row_share."
        )
        tally.issues.insert(0, Issue("TOO_MANY_BAD_ROWS", "error", text))
        return _report("rejected", match, tally)
    tally.issues += [
        Issue(
            "SENTINEL_DATE", "warning", f"{count} values that stand for no date were emptied.", element=name
        )
        for name, count in tally.sentinels.items()
    ]
    return _report("warned" if tally.issues else "clean", match, tally)


def _take(
    rows: list[Row], bad: list[BadRow], match: Match, lineage: Lineage, sink: Sink, tally: _Tally
) -> None:
    """Cast one chunk, push its rows and add it to the tally."""
    table = match.report.table
    chunk = cast_chunk(rows, match, lineage)
    bad_rows = sorted([*bad, *chunk.bad_rows], key=lambda b: b.row_number)
    if chunk.batch.num_rows:
        sink(table.name, chunk.batch)
        clinics = pc.unique(chunk.batch.column("clinic_id")).to_pylist()
        tally.clinic_ids.update(clinic for clinic in clinics if clinic is not None)
    if bad_rows:
        sink("quarantined_record", quarantine_batch(bad_rows, table.name, lineage))
    tally.good += chunk.batch.num_rows
    tally.bad += len(bad_rows)
    tally.sentinels += chunk.sentinels
    tally.issues += [_row_issue(b) for b in bad_rows[: max(0, MAX_ROW_ISSUES - len(tally.issues))]]
    if match.report.control_total:
        total = pc.sum(chunk.batch.column(match.report.control_total)).as_py()
        tally.total_cents += int(total * 100) if total is not None else 0


def _chunks(records: Iterator[Row | BrokenRow], header: Header) -> Iterator[tuple[list[Row], list[BadRow]]]:
    """Data rows in chunks of bounded size, apart from those that could not be split or are ragged."""
    rows: list[Row] = []
    bad: list[BadRow] = []
    chars = 0
    for record in records:
        if record.row_number <= header.row_number:
            continue
        if isinstance(record, BrokenRow):
            bad.append(_bad(record, record.reason, BROKEN_MESSAGES[record.reason], printable(record.text)))
        elif len(record.fields) != header.width:
            message = BROKEN_MESSAGES["RAGGED_ROW"].format(got=len(record.fields), wanted=header.width)
            bad.append(_bad(record, "RAGGED_ROW", message, record_text(record.fields)))
        elif any(record.fields):  # rows of empty cells are what spreadsheets leave at the end
            rows.append(record)
        chars += record.chars
        if len(rows) + len(bad) >= CHUNK_ROWS or chars >= CHUNK_CHARS:
            yield rows, bad
            rows, bad, chars = [], [], 0
    if rows or bad:
        yield rows, bad


def _bad(record: Row | BrokenRow, reason: str, message: str, text: str) -> BadRow:
    return BadRow(record.row_number, record.line_number, "", reason, message, text[:MAX_RECORD_TEXT])


def _row_issue(bad: BadRow) -> Issue:
    message = f"Row {bad.row_number}, line {bad.line_number}: {bad.message}"
    return Issue(bad.reason, "warning", message, row_number=bad.row_number, element=bad.column_name or None)


def _is_too_many(bad: int, rows: int, context: ReadContext) -> bool:
    return bad > max(context.max_bad_rows_tolerated, context.max_bad_row_share * rows)


def _utc(iso: str | None) -> datetime | None:
    """ISO time as UTC wall clock; a time without offset is taken as UTC."""
    if iso is None:
        return None
    at = datetime.fromisoformat(iso)
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _report(status: Status, match: Match | None, tally: _Tally) -> InputReport:
    rows, totals = {}, {}
    if match:
        rows = {match.report.table.name: tally.good, "quarantined_record": tally.bad}
        if match.report.control_total:
            totals = {match.report.control_total: tally.total_cents}
    return InputReport(
        status=status,
        kind="ehr_csv",
        reader=READER,
        reader_version=READER_VERSION,
        profile=match.profile.name if match else "",
        profile_version=match.profile.version if match else "",
        clinic_ids=tuple(sorted(tally.clinic_ids)),
        rows={name: count for name, count in rows.items() if count},
        control_totals_cents=totals,
        issues=tuple(tally.issues),
        quarantined_rows=tally.bad,
    )
