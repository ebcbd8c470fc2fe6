"""Rows as text for people and spreadsheets."""

import csv
import json
from collections.abc import Iterable, Sequence
from typing import IO, Any

# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet_safe(value: Any) -> Any:
    """Text that a spreadsheet would run gets a leading apostrophe; numbers, dates and null stay."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def write_csv(out: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """RFC 4180 with ``\\n`` line ends; null is empty."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([spreadsheet_safe(name) for name in columns])
    writer.writerows([spreadsheet_safe(value) for value in row] for row in rows)


def write_json(out: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """One array of objects; decimals and dates are strings, so that no cent is lost to floats."""
    json.dump([dict(zip(columns, row, strict=True)) for row in rows], out, default=str, indent=1)
    out.write("\n")


def printable(value: Any) -> str:
    """A cell for a terminal: null is empty, control characters (escape sequences) are shown, not obeyed."""
    text = "" if value is None else str(value)
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
