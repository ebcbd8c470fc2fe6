"""Finds the header of a report: which row, which delimiter, which report. Titles may stand above it."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from ketaclaims.ehr.profile import MAX_NAMED_COLUMNS, Match, Profile, Refusal, fold, match_header, share
from ketaclaims.ehr.records import BrokenRow, Row, open_text, read_records
from ketaclaims.raw.contract import Issue

MAX_HEADER_CHARS = 100_000
LOOKED_AT_ROWS = 25  # rows among which the header stands
HELP = "The columns of every table are in docs/data_contract.md."


@dataclass(frozen=True, slots=True)
class Header:
    """A header that was recognised; ``row_number`` is that of its last row, ``names`` are folded."""

    row_number: int
    names: tuple[str, ...]
    delimiter: str
    match: Match

    @property
    def width(self) -> int:
        """Fields of a row."""
        return len(self.names)

    def warnings(self) -> list[Issue]:
        """Columns not of the report; they stay in the archived file. By position: a name may be content."""
        at = self.match.extra_positions
        if not at:
            return []
        named = ", ".join(str(position + 1) for position in at[:MAX_NAMED_COLUMNS])
        more = f" and {len(at) - MAX_NAMED_COLUMNS} more" if len(at) > MAX_NAMED_COLUMNS else ""
        text = f"Not of {self.match.report.label}, so not loaded: column {named}{more}."
        return [Issue("EXTRA_COLUMN", "warning", text)]


def read_header(source: Path, known: Sequence[Profile]) -> Header | Issue:
    """The header of a file, or why it has none we know. Raises UnicodeDecodeError for broken UTF-16."""
    top = top_records(source, known)
    if isinstance(top, Issue):
        return top
    delimiter, records = top
    found = find_header(records, delimiter, known)
    if isinstance(found, Issue) and isinstance(records[0], BrokenRow):
        message = f"The header, line {records[0].line_number}, cannot be read."
        return Issue(records[0].reason, "error", message, row_number=records[0].row_number)
    return found


def top_records(source: Path, known: Sequence[Profile]) -> tuple[str, list[Row | BrokenRow]] | Issue:
    """The delimiter of a file and its first records, among which the header stands."""
    with open_text(source) as stream:
        read = iter(lambda: stream.readline(MAX_HEADER_CHARS), "")
        lines = list(islice((line for line in read if line.strip("\r\n")), LOOKED_AT_ROWS))
    if not lines:
        return Issue("EMPTY", "error", "The file is empty.")
    if len(lines[0]) >= MAX_HEADER_CHARS:
        return Issue("UNKNOWN_REPORT", "error", f"The first line is too long for a header. {HELP}")
    delimiter = sniff_delimiter(lines, known)
    with open_text(source) as stream:
        return delimiter, list(islice(read_records(stream, delimiter), LOOKED_AT_ROWS))


def find_header(
    records: Sequence[Row | BrokenRow], delimiter: str, known: Sequence[Profile]
) -> Header | Issue:
    """The first of these rows that is the header of a known report, else why the likeliest one is not."""
    refusals: list[tuple[float, Refusal, int]] = []
    rows = [record for record in records if isinstance(record, Row)]
    for row, names in _candidates(rows, known):
        found = match_header(names, known)
        if isinstance(found, Match):
            return Header(row.row_number, tuple(fold(names)), delimiter, found)
        # one that holds all that is needed, but twice or for several tables, is the header
        closeness = 2.0 if found.code in ("DUPLICATE_COLUMN", "AMBIGUOUS_REPORT") else 0.0
        refusals.append((closeness or share(fold(names), found.nearest), found, row.row_number))
    if not refusals:
        return Issue("UNKNOWN_REPORT", "error", f"No row can be read as a header. {HELP}")
    _, refusal, row_number = max(refusals, key=lambda each: each[0])
    return Issue(refusal.code, "error", f"{refusal.message} {HELP}", row_number=row_number)


def _candidates(rows: Sequence[Row], known: Sequence[Profile]) -> Iterable[tuple[Row, list[str]]]:
    """Every row as a header, first under the row above it where that names groups of columns."""
    own = [report for profile in known for report in profile.reports if report.has_group_row]
    names = {name for report in own for name in report.columns}
    if rows:
        yield rows[0], rows[0].fields
    for upper, lower in pairwise(rows):
        joined = _joined(upper.fields, lower.fields, names)
        if joined != lower.fields and lower.row_number == upper.row_number + 1:
            yield lower, joined
        yield lower, lower.fields


def _joined(upper: Sequence[str], lower: Sequence[str], known: set[str]) -> list[str]:
    """Names under the group above them, where such a column is known; a group spans the blanks after it."""
    joined, group = [], ""
    for at, name in enumerate(lower):
        group = (upper[at] if at < len(upper) else "").strip() or group
        both = f"{group} {name}"
        joined.append(both if fold([both])[0] in known else name)
    return joined


def sniff_delimiter(lines: Sequence[str], known: Sequence[Profile]) -> str:
    """The delimiter under which most cells of a line are columns we know; a comma if none are."""
    names = {name for profile in known for report in profile.reports for name in report.columns}
    delimiters = dict.fromkeys(d for profile in known for d in profile.delimiters)

    def score(delimiter: str) -> int:
        split = (next(csv.reader([line], delimiter=delimiter), []) for line in lines)
        return max(len(names.intersection(fold(cells))) for cells in split)

    return max(delimiters, key=score)
