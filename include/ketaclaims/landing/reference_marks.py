"""How a published reference table is known: by the words of its header, or the form of its lines."""

import re
import zipfile
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Literal

ReferenceTable = Literal["ptp_practitioner", "mue_practitioner", "icd10cm", "hcpcs", "reason_code"]

LOOKED_AT_LINES = 60  # copyright notices stand above the header
DELIMITERS = ("\t", ",", ";", "|")
_HEAD_BYTES = 65_536
_LEAST_ORDER_LINES = 3
_HIGHEST_HEADER = 5  # rows
ORDER_LINE = re.compile(r"^(\d{5}) ([A-Z]\d[0-9A-Z]{1,5}) +([01]) ")  # CMS order file: order, code, billable
_TEXT = re.compile(r"<(?:\w+:)?t(?: [^>]*)?>([^<]*)</")
_PARTS = ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml")
# words of the header; each must be part of another cell
_MARKS: dict[ReferenceTable, tuple[str, ...]] = {
    "ptp_practitioner": ("column 1", "column 2", "effective", "deletion", "modifier"),
    "mue_practitioner": ("practitioner services mue values", "mue adjudication indicator"),
    "hcpcs": ("hcpc", "add dt", "act eff dt", "term dt"),
    "reason_code": ("code", "start", "last modified", "stop"),
}
_TELLING = ("column 1", "mue adjudication indicator", "act eff dt", "last modified")
_EXACT = {"column 1", "column 2", "hcpc", "code"}


def plain(cell: str) -> str:
    """A header cell as compared: lower case, single blanks, no quotes."""
    return " ".join(cell.replace('"', " ").replace("_", " ").lower().split())


def table_of_header(names: Sequence[str]) -> ReferenceTable | None:
    """The table whose every mark is in a cell of its own; cells as ``plain`` gives them."""
    for table, marks in _MARKS.items():
        places = {place_of(mark, names) for mark in marks}
        if None not in places and len(places) == len(marks):
            return table
    return None


def find_header(rows: Sequence[Sequence[str]]) -> tuple[ReferenceTable, int, list[str]] | None:
    """Table, index of the header's last row and its column names; None where the rows hold no header.

    CMS spreads the header of the pairs over up to five rows, a word or two in each.
    """
    for at in range(len(rows)):
        for height in range(1, min(_HIGHEST_HEADER, at + 1) + 1):
            names = _joined(rows[at - height + 1 : at + 1])
            table = table_of_header(names)
            if table and (height == 1 or table == "ptp_practitioner"):
                return table, *_with_rest(rows, at, names)
    return None


def _with_rest(rows: Sequence[Sequence[str]], at: int, names: list[str]) -> tuple[int, list[str]]:
    """The header with the rows below it that begin with an empty cell: they go on with its words."""
    while at + 1 < len(rows) and any(rows[at + 1]) and not rows[at + 1][0].strip():
        at += 1
        names = [plain(name) for name in _joined([names, rows[at]])]
    return at, names


def _joined(rows: Sequence[Sequence[str]]) -> list[str]:
    return [plain(" ".join(cells)) for cells in zip_longest(*rows, fillvalue="")]


def place_of(mark: str, names: Sequence[str]) -> int | None:
    """The first cell (already plain) a mark stands in."""
    for at, name in enumerate(names):
        if name == mark or (mark not in _EXACT and mark in name):
            return at
    return None


def is_order_file(lines: Sequence[str]) -> bool:
    """Whether the lines are those of CMS's ICD-10-CM order file."""
    written = [line for line in lines if line.strip()][:_LEAST_ORDER_LINES]
    return len(written) == _LEAST_ORDER_LINES and all(ORDER_LINE.match(line) for line in written)


def is_reference_text(text: str) -> bool:
    """Whether the beginning of a text file is that of a reference table."""
    lines = text.splitlines()[:LOOKED_AT_LINES]
    if is_order_file(lines):
        return True
    words = plain(" ".join(lines))
    if not any(word in words for word in _TELLING):
        return False  # looking for a header takes longer than all else a file's kind asks for
    return any(find_header([line.split(mark) for line in lines]) for mark in DELIMITERS)


def is_reference_workbook(path: Path) -> bool:
    """Whether the first texts of a workbook hold the header of a reference table."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in set(_PARTS) & set(archive.namelist()):
                with archive.open(name) as part:
                    texts = _TEXT.findall(part.read(_HEAD_BYTES).decode(errors="replace"))
                if table_of_header([plain(text) for text in texts[:LOOKED_AT_LINES]]):
                    return True
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError):
        return False  # its reader says what is wrong with it
    return False
