"""A vendor report as CSV text in one of the ways products and spreadsheets write it."""

import csv
import io
from collections.abc import Mapping, Sequence
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
    rows: Sequence[Mapping[str, str]],
    style: CsvStyle = PLAIN,
    above: Sequence[Sequence[str]] = (),
    below: Sequence[Sequence[str]] = (),
) -> bytes:
    """The header (of the first row) and all rows; ``above`` and ``below`` are lines that are no data."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=style.delimiter, lineterminator=style.newline)
    writer.writerows(above)
    header = list(rows[0])
    writer.writerow(header)
    writer.writerows([row[name] for name in header] for row in rows)
    writer.writerows(below)
    return style.mark + buffer.getvalue().encode(style.encoding)
