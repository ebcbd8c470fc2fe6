"""A vendor report as CSV text in one of the ways products and spreadsheets write it."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CsvStyle:
    """Encoding and delimiter of a file; ``mark``: a byte order mark; ``newline`` ends a record."""

    encoding: str = "utf-8"
    delimiter: str = ","
    mark: bytes = b""
    newline: str = "\r\n"


PLAIN = CsvStyle()


def write_report(
    rows: Sequence[Mapping[str, str]], style: CsvStyle = PLAIN, below: Iterable[Sequence[str]] = ()
) -> bytes:
    """The header (of the first row) and all rows; ``below`` are lines that are no data."""
    header = list(rows[0])
    return write_lines([header, *([row[name] for name in header] for row in rows), *below], style)


def write_lines(lines: Iterable[Sequence[str]], style: CsvStyle) -> bytes:
    """Records of cells as the bytes of a file."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=style.delimiter, lineterminator=style.newline).writerows(lines)
    return style.mark + buffer.getvalue().encode(style.encoding)
