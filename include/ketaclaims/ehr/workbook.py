"""Opening an .xlsx without trusting it: what it unpacks to is counted before anything is parsed.

A workbook is a zip of XML. Refused: one that unpacks past the limits, holds macros, DTDs or encryption, or is
the older binary format. Formulas are found here, for a formula without its stored result is no value.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from ketaclaims.landing.zip_guard import ArchiveRefusedError, open_zip

MAX_UNZIPPED_BYTES = 2_000_000_000
MAX_SHARED_TEXT_BYTES = 300_000_000  # openpyxl keeps the shared texts in memory
MAX_RATIO = 100
RATIO_FREE_BYTES = 10 << 20  # a small sheet of equal cells compresses well
MAX_MEMBERS = 2_000
_CHUNK = 1 << 20
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_TAIL = 16  # bytes kept between chunks, so that a mark across their border is seen


@dataclass(slots=True)
class _Seen:
    """What the parts of a workbook hold."""

    total_bytes: int = 0
    formula_parts: set[str] = field(default_factory=set)


@contextmanager
def open_workbook(path: Path) -> Iterator[tuple[Any, Any | None]]:
    """The workbook by its values and, if it has formulas, once more by its formulas; both streaming.

    Raises ArchiveRefusedError: ZIP_BOMB, ARCHIVE_CORRUPT, MACRO_WORKBOOK, PASSWORD_PROTECTED, OLD_WORKBOOK.
    """
    has_formulas = bool(_inspect(path).formula_parts)
    with ExitStack() as stack:
        values = stack.enter_context(closing(_load(path, stack, data_only=True)))
        formulas = None
        if has_formulas:
            formulas = stack.enter_context(closing(_load(path, stack, data_only=False)))
        yield values, formulas


def _load(path: Path, stack: ExitStack, *, data_only: bool) -> Any:
    from openpyxl import load_workbook

    try:
        # an open file, not its name: archived originals have none, and openpyxl judges by it
        source = stack.enter_context(path.open("rb"))
        return load_workbook(source, read_only=True, data_only=data_only, keep_links=False)
    except _UNREADABLE:
        raise ArchiveRefusedError("ARCHIVE_CORRUPT", _CORRUPT) from None


_CORRUPT = "The workbook is damaged. Open it in Excel and save it again."
# what the parser raises on parts that are not what they should be
_UNREADABLE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    SyntaxError,  # xml.etree's ParseError
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
)


def _inspect(path: Path) -> _Seen:
    """Unpack every part once, to nowhere, within the limits."""
    with path.open("rb") as source:
        if source.read(len(_OLE_MARK)) == _OLE_MARK:
            raise _not_a_zip(path)
    seen = _Seen()
    with open_zip(path, MAX_MEMBERS) as archive:
        for entry in archive.infolist():
            if entry.filename.lower().endswith("vbaproject.bin"):
                text = "The workbook holds macros. Save it as .xlsx without macros."
                raise ArchiveRefusedError("MACRO_WORKBOOK", text)
            _unpack(archive, entry, seen, path.stat().st_size)
    return seen


def _not_a_zip(path: Path) -> ArchiveRefusedError:
    """Why a compound file is not read: encrypted workbooks and those of Excel 97-2003 look alike outside."""
    tail = b""
    with path.open("rb") as source:
        for chunk in iter(lambda: source.read(_CHUNK), b""):
            if _ENCRYPTED_STREAM in tail + chunk:
                text = "The workbook is protected by a password. Save it without one."
                return ArchiveRefusedError("PASSWORD_PROTECTED", text)
            tail = chunk[-len(_ENCRYPTED_STREAM) :]
    return ArchiveRefusedError("OLD_WORKBOOK", "A file of Office 97-2003 (.xls). Save it as .xlsx.")


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, seen: _Seen, packed_bytes: int) -> None:
    """One part: counted against the limits, searched for formulas and DTDs."""
    is_sheet = "worksheets/" in entry.filename
    limit = MAX_SHARED_TEXT_BYTES if "sharedStrings" in entry.filename else MAX_UNZIPPED_BYTES
    size, tail = 0, b""
    for chunk in _chunks(archive, entry):
        size += len(chunk)
        seen.total_bytes += len(chunk)
        most = max(RATIO_FREE_BYTES, MAX_RATIO * packed_bytes)
        if size > limit or seen.total_bytes > min(MAX_UNZIPPED_BYTES, most):
            raise ArchiveRefusedError("ZIP_BOMB", "The workbook unpacks to more than its limits.")
        window = tail + chunk
        if _DTD.search(window):
            raise ArchiveRefusedError("ARCHIVE_CORRUPT", "The workbook's XML declares entities.")
        if is_sheet and entry.filename not in seen.formula_parts and _FORMULA.search(window):
            seen.formula_parts.add(entry.filename)
        tail = chunk[-_TAIL:]


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(entry) as part:
            yield from iter(lambda: part.read(_CHUNK), b"")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise ArchiveRefusedError("ARCHIVE_CORRUPT", _CORRUPT) from None


def sheet_rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """The cells of a sheet row by row. ArchiveRefusedError ARCHIVE_CORRUPT where its XML cannot be read."""
    sheet.reset_dimensions()  # what a sheet claims to span is not to be trusted
    try:
        yield from sheet.iter_rows()
    except _UNREADABLE:
        raise ArchiveRefusedError("ARCHIVE_CORRUPT", _CORRUPT) from None


def cell_text(cell: Any) -> str:
    """A cell as text: dates in ISO, numbers as Excel shows them (15 digits), booleans as true and false."""
    value = cell.value
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return format(value, ".15g")
        case datetime():
            return value.isoformat() if _shows_time(cell) else value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _shows_time(cell: Any) -> bool:
    return "h" in str(cell.number_format).lower()
