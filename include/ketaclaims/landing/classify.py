"""What a file is, from its content alone (design 4.1), and which feed reads it."""

import re
import string
from pathlib import Path
from typing import Literal

from ketaclaims.landing.reference_marks import is_reference_text, is_reference_workbook
from ketaclaims.landing.zip_guard import ArchiveRefusedError, open_zip
from ketaclaims.x12 import sniff

Feed = Literal["remits", "ehr", "reference"]
Kind = Literal[
    "x12_835",
    "x12_837",
    "x12_other",
    "ehr_csv",
    "xlsx",
    "fhir_ndjson",
    "reference_table",
    "zip",
    "gzip",
    "empty",
    "unknown",
]

HEAD_BYTES = 65_536
LEAST_NAMES, LEAST_NAMES_BELOW = 2, 5
MOST_MEMBERS_LOOKED_AT = 10_000
EHR_KINDS = frozenset({"ehr_csv", "xlsx", "fhir_ndjson", "x12_837"})
TITLE_ROWS = 10  # a report may begin with its title, filters and blank lines
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WHITESPACE = string.whitespace.encode()
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_COLUMN_NAME = re.compile(r"""^["']?[^\W\d][\w .#/()%&:-]{0,127}["']?$""")
_DELIMITERS = (",", "\t", ";", "|")


def feed_of(kind: str) -> Feed:
    """The feed whose DAG handles a kind; what nothing else claims goes to remits, which names the fault."""
    if kind == "reference_table":
        return "reference"
    return "ehr" if kind in EHR_KINDS else "remits"


def classify(path: Path) -> Kind:
    """The kind of one file. Reads its first 64 KiB (and a zip's directory); never raises on bad content."""
    with path.open("rb") as source:
        head = source.read(HEAD_BYTES)
    if not head.strip(_WHITESPACE):
        return "empty" if _is_blank(path) else "unknown"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    if head.startswith(_OLE_MARK):
        return "xlsx"  # encrypted or of Excel 97-2003: its reader says which, and what to do
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if sniff.is_x12(head):
        return _x12_kind(head)
    return _text_kind(head)


def _is_blank(path: Path) -> bool:
    with path.open("rb") as source:
        return all(not chunk.strip(_WHITESPACE) for chunk in iter(lambda: source.read(HEAD_BYTES), b""))


def _zip_kind(path: Path) -> Kind:
    try:
        with open_zip(path, MOST_MEMBERS_LOOKED_AT) as archive:
            names = archive.namelist()
    except ArchiveRefusedError:
        return "zip"  # the expansion says what is wrong with it
    if "[Content_Types].xml" not in names:
        return "zip"
    if not any(name.startswith("xl/") for name in names):
        return "unknown"
    return "reference_table" if is_reference_workbook(path) else "xlsx"


def _x12_kind(head: bytes) -> Kind:
    found = sniff.transaction_set(head)
    if found == "835":
        return "x12_835"
    return "x12_837" if found == "837" else "x12_other"


def _text_kind(head: bytes) -> Kind:
    if head.startswith(_UTF16):
        text = head.decode("utf-16", errors="replace")
    elif b"\0" in head:
        return "unknown"
    else:
        text = head.decode("utf-8-sig", errors="replace")
    text = text.lstrip()
    if text.startswith("{"):
        return "fhir_ndjson" if '"resourceType"' in text else "unknown"
    if is_reference_text(text):
        return "reference_table"
    lines = text.splitlines()[: TITLE_ROWS + 1]
    is_csv = any(_is_header(line.split(mark), at) for at, line in enumerate(lines) for mark in _DELIMITERS)
    return "ehr_csv" if is_csv else "unknown"


def _is_header(cells: list[str], line: int) -> bool:
    """Two or more column names; one odd name in ten is let pass, so that the reader can name it.

    Below the first line prose with commas is as likely: there it takes five.
    """
    least = LEAST_NAMES if line == 0 else LEAST_NAMES_BELOW
    named = sum(bool(_COLUMN_NAME.match(cell.strip())) for cell in cells)
    return len(cells) >= least and named >= max(least, 0.9 * len(cells))
