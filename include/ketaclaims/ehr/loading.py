"""Records of a report to rows of canonical tables and of quarantine: what every reader of reports shares.

A bad row goes to ``quarantined_record`` with its row number and reason and the rest loads, unless too much
of the file is bad. Memory stays flat whatever the size of the file.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain

import pyarrow.compute as pc

from ketaclaims.ehr.chunk import (
    MAX_RECORD_TEXT,
    BadRow,
    Chunk,
    Lineage,
    cast_chunk,
    quarantine_batch,
    record_text,
)
from ketaclaims.ehr.header import Header
from ketaclaims.ehr.plain_blocks import PlainBlock
from ketaclaims.ehr.profile import Match, fold
from ketaclaims.ehr.reasons import BROKEN_MESSAGES
from ketaclaims.ehr.records import BrokenRow, Row, printable
from ketaclaims.ehr.row_checks import FLAG_MESSAGES
from ketaclaims.raw.contract import InputReport, Issue, ReadContext, Sink, Status

CHUNK_ROWS = 20_000
CHUNK_CHARS = 8_000_000
MAX_ROW_ISSUES = 50  # every bad row is a row of quarantined_record; the report shows the first ones
MAX_NAMED_ROWS = 20


@dataclass(slots=True)
class Tally:
    """What has been seen of one input so far. ``good`` and ``bad`` count rows of the report."""

    issues: list[Issue] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    good: int = 0
    bad: int = 0
    test_rows: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    totals_cents: Counter[str] = field(default_factory=Counter)
    clinic_ids: set[str] = field(default_factory=set)
    sentinels: Counter[str] = field(default_factory=Counter)
    flags: dict[str, list[int]] = field(default_factory=dict)
    flag_counts: Counter[str] = field(default_factory=Counter)
    left_out: list[int] = field(default_factory=list)


def load_records(
    records: Iterable[Row | BrokenRow],
    header: Header,
    context: ReadContext,
    sink: Sink,
    tally: Tally,
    most_rows: int | None = None,
    blocks: Iterable[Sequence[Row]] = (),
) -> None:
    """Load the rows below the header. ``most_rows``: there cannot be more; ends hopeless files early.

    ``blocks``: well-formed rows that come before the records.
    """
    match = header.match
    tally.matches.append(match)
    tally.issues += header.warnings()
    lineage = Lineage(context.file_sha256, context.commit_id, _utc(context.exported_at), context.clinic_id)
    plain = ((block, list[BadRow]()) for block in blocks)
    for rows, bad in chain(plain, _chunks(records, header, tally)):
        _take(rows, bad, match, lineage, sink, tally)
        if most_rows is not None and _is_too_many(tally.bad, most_rows, context):
            return


def clinic_refusal(match: Match, context: ReadContext) -> Issue | None:
    """Why a report that does not name its clinic cannot be read, if nothing else names it either."""
    if context.clinic_id or not any(
        value.is_clinic for output in match.report.outputs for value in output.values.values()
    ):
        return None
    text = (
        "The report does not name its clinic. Set KETACLAIMS_CLINIC_ID and run again, "
        "or drop such reports into a folder clinic=<clinic_id> of landing."
    )
    return Issue("CLINIC_UNKNOWN", "error", text)


def _take(
    rows: Sequence[Row], bad: list[BadRow], match: Match, lineage: Lineage, sink: Sink, tally: Tally
) -> None:
    """Cast one chunk, push its rows and add it to the tally."""
    chunk = cast_chunk(rows, match, lineage)
    _push(chunk, sink, tally)
    bad_rows = sorted([*bad, *chunk.bad_rows], key=lambda b: b.row_number)
    kept = sorted([*bad_rows, *chunk.excluded], key=lambda b: b.row_number)
    if kept:
        sink("quarantined_record", quarantine_batch(kept, lineage))
        tally.rows["quarantined_record"] += len(kept)
    tally.good += chunk.good_count
    tally.bad += len(bad_rows)
    tally.test_rows += len(chunk.excluded)
    tally.sentinels += chunk.sentinels
    for code, numbers in chunk.flags.items():
        tally.flag_counts[code] += len(numbers)
        shown = tally.flags.setdefault(code, [])
        shown += numbers[: max(0, MAX_NAMED_ROWS - len(shown))]
    tally.issues += [_row_issue(b) for b in bad_rows[: max(0, MAX_ROW_ISSUES - len(tally.issues))]]


def _push(chunk: Chunk, sink: Sink, tally: Tally) -> None:
    for output, batch in chunk.batches:
        if not batch.num_rows:
            continue
        sink(output.table.name, batch)
        tally.rows[output.table.name] += batch.num_rows
        clinics = pc.unique(batch.column("clinic_id")).to_pylist()
        tally.clinic_ids.update(clinic for clinic in clinics if clinic is not None)
        if output.control_total:
            total = pc.sum(batch.column(output.control_total)).as_py()
            tally.totals_cents[output.control_total] += int(total * 100) if total is not None else 0
    if chunk.repaired is not None and chunk.repaired.num_rows:
        sink("repaired_value", chunk.repaired)
        tally.rows["repaired_value"] += chunk.repaired.num_rows


def _chunks(
    records: Iterable[Row | BrokenRow], header: Header, tally: Tally
) -> Iterator[tuple[list[Row], list[BadRow]]]:
    """Data rows in chunks of bounded size, apart from those that could not be split or are ragged."""
    rows: list[Row] = []
    bad: list[BadRow] = []
    chars = 0
    table = header.match.report.outputs[0].table.name
    leaves_out = header.match.report.rules.left_out is not None
    width, header_row = header.width, header.row_number
    for record in records:
        if record.row_number <= header_row:
            continue
        if isinstance(record, BrokenRow):
            bad.append(_bad(record, table, record.reason, record.message, printable(record.text)))
        elif leaves_out and _is_left_out(record, header):
            tally.left_out.append(record.row_number)
        elif len(record.fields) != width:
            message = BROKEN_MESSAGES["RAGGED_ROW"].format(got=len(record.fields), wanted=width)
            bad.append(_bad(record, table, "RAGGED_ROW", message, record_text(record.fields)))
        elif any(record.fields):  # rows of empty cells are what spreadsheets leave at the end
            rows.append(record)
        chars += record.chars
        if len(rows) + len(bad) >= CHUNK_ROWS or chars >= CHUNK_CHARS:
            yield rows, bad
            rows, bad, chars = [], [], 0
    if rows or bad:
        yield rows, bad


def _is_left_out(row: Row, header: Header) -> bool:
    """A totals row or footer (begins as the profile says, lacks what names a record), or the header again."""
    first = next((cell.strip() for cell in row.fields if cell.strip()), "")
    rules, positions = header.match.report.rules, header.match.positions
    if rules.left_out and rules.left_out.search(first):
        at = [positions[column] for column in rules.identity if column in positions]
        return len(row.fields) != header.width or any(not row.fields[each].strip() for each in at)
    return bool(first) and first.lower() in header.names and tuple(fold(row.fields)) == header.names


def has_no_odd_rows(block: PlainBlock, header: Header) -> bool:
    """Whether no row of a block can be one to leave out: each has what names a record, none is the header."""
    rules, positions = header.match.report.rules, header.match.positions
    if not rules.left_out:
        return True
    first = pc.utf8_lower(pc.utf8_trim_whitespace(block.columns[0]))
    if pc.any(pc.equal(first, header.names[0])).as_py():
        return False
    columns = [block.columns[positions[name]] for name in rules.identity if name in positions]
    return not any(pc.any(pc.equal(pc.utf8_trim_whitespace(each), "")).as_py() for each in columns)


def _bad(record: Row | BrokenRow, table: str, reason: str, message: str, text: str) -> BadRow:
    return BadRow(record.row_number, record.line_number, table, "", reason, message, text[:MAX_RECORD_TEXT])


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


def finished(tally: Tally, context: ReadContext, kind: str, reader: str, version: str) -> InputReport:
    """The report of an input whose rows were read to the end."""
    if tally.bad and (not tally.good or _is_too_many(tally.bad, tally.good + tally.bad, context)):
        text = (
            f"{tally.bad} of {tally.bad + tally.good} rows read are bad, more than is tolerated. "
            "Correct the export, or raise max_bad_row_share."
        )
        tally.issues.insert(0, Issue("TOO_MANY_BAD_ROWS", "error", text))
        return report_of(tally, "rejected", kind, reader, version)
    tally.issues += [
        Issue(
            "SENTINEL_DATE", "warning", f"{count} values that stand for no date were emptied.", element=name
        )
        for name, count in tally.sentinels.items()
    ]
    tally.issues += _counted(tally)
    is_warned = any(issue.severity != "info" for issue in tally.issues)
    return report_of(tally, "warned" if is_warned else "clean", kind, reader, version)


def _counted(tally: Tally) -> list[Issue]:
    """One issue per kind of odd row, naming the first of them."""
    found = [
        Issue(code, "warning", f"{tally.flag_counts[code]} rows: {_rows(rows)}. {FLAG_MESSAGES[code]}")
        for code, rows in tally.flags.items()
    ]
    if tally.left_out:
        text = f"{len(tally.left_out)} totals, footers or repeated headers: row {_rows(tally.left_out)}."
        found.append(Issue("ROWS_LEFT_OUT", "info", text))
    if tally.test_rows:
        text = f"{tally.test_rows} rows of test patients are kept in quarantine, and loaded nowhere."
        found.append(Issue("TEST_PATIENT", "info", text))
    return found


def _rows(numbers: list[int]) -> str:
    return ", ".join(str(number) for number in numbers[:MAX_NAMED_ROWS])


def report_of(tally: Tally, status: Status, kind: str, reader: str, version: str) -> InputReport:
    """The outcome so far as the raw store takes it."""
    profiles = {match.profile.name: match.profile.version for match in tally.matches}
    totals = {
        output.control_total
        for match in tally.matches
        for output in match.report.outputs
        if output.control_total
    }
    return InputReport(
        status=status,
        kind=kind,
        reader=reader,
        reader_version=version,
        profile=",".join(profiles),
        profile_version=",".join(profiles.values()),
        clinic_ids=tuple(sorted(tally.clinic_ids)),
        rows={name: count for name, count in tally.rows.items() if count},
        control_totals_cents={name: tally.totals_cents[name] for name in sorted(totals)},
        issues=tuple(tally.issues),
        quarantined_rows=tally.bad + tally.test_rows,
    )
