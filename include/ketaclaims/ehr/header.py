"""Finds the header of a delimited file: which row, which delimiter, which report."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ketaclaims.ehr.profile import MAX_NAMED_COLUMNS, Match, Profile, fold, match_header, profiles
from ketaclaims.ehr.records import BrokenRow, open_text, read_records
from ketaclaims.raw.contract import Issue

MAX_HEADER_CHARS = 100_000
HELP = "The columns of every table are in docs/data_contract.md."


@dataclass(frozen=True, slots=True)
class Header:
    """A header that was recognised; ``row_number`` is 1 unless blank rows stand before it."""

    row_number: int
    width: int
    delimiter: str
    match: Match

    def warnings(self) -> list[Issue]:
        """Columns not of the table; they stay in the archived file. By position: a name may be content."""
        at = self.match.extra_positions
        if not at:
            return []
        named = ", ".join(str(position + 1) for position in at[:MAX_NAMED_COLUMNS])
        more = f" and {len(at) - MAX_NAMED_COLUMNS} more" if len(at) > MAX_NAMED_COLUMNS else ""
        text = f"Not of table {self.match.report.table.name}, so not loaded: column {named}{more}."
        return [Issue("EXTRA_COLUMN", "warning", text)]


def read_header(source: Path) -> Header | Issue:
    """The header of a file, or why it has none we know. Raises UnicodeDecodeError for broken UTF-16."""
    with open_text(source) as stream:
        first = next(
            (line for line in iter(lambda: stream.readline(MAX_HEADER_CHARS), "") if line.strip("\r\n")), ""
        )
    if not first:
        return Issue("EMPTY", "error", "The file is empty.")
    if len(first) >= MAX_HEADER_CHARS:
        return Issue("UNKNOWN_REPORT", "error", f"The first line is too long for a header. {HELP}")
    delimiter = sniff_delimiter(first, profiles())
    with open_text(source) as stream:
        record = next(read_records(stream, delimiter))
    if isinstance(record, BrokenRow):
        message = f"The header, line {record.line_number}, cannot be read."
        return Issue(record.reason, "error", message, row_number=record.row_number)
    found = match_header(record.fields, profiles())
    if isinstance(found, Match):
        return Header(record.row_number, len(record.fields), delimiter, found)
    return Issue(found.code, "error", f"{found.message} {HELP}", row_number=record.row_number)


def sniff_delimiter(line: str, known: Sequence[Profile]) -> str:
    """The delimiter under which most cells of the header line are columns we know; a comma if none are."""
    names = {name for profile in known for report in profile.reports for name in report.columns}
    delimiters = dict.fromkeys(d for profile in known for d in profile.delimiters)

    def score(delimiter: str) -> int:
        return len(names.intersection(fold(next(csv.reader([line], delimiter=delimiter), []))))

    return max(delimiters, key=score)
