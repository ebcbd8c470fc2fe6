"""Text of a delimited file to records, one at a time, with their numbers: RFC 4180, bounded memory.

A row number counts records, the header being row 1, as a spreadsheet shows them; blank rows count but
are not yielded. A record whose quoting is broken costs one physical line: reading goes on with the next
line, so one stray quote cannot swallow the rest of the file.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ketaclaims.ehr.reasons import BROKEN_MESSAGES, CELL_MESSAGES

MAX_RECORD_CHARS = 1_000_000
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One well-formed record; ``line_number`` is the physical line it begins on."""

    row_number: int
    line_number: int
    chars: int
    fields: list[str]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A record that could not be split into fields; ``text`` is what stood there (PHI)."""

    row_number: int
    line_number: int
    chars: int
    reason: str
    text: str

    @property
    def message(self) -> str:
        """The reason in words."""
        return BROKEN_MESSAGES[self.reason] if self.reason in BROKEN_MESSAGES else CELL_MESSAGES[self.reason]


class _RecordTooLongError(Exception):
    """A record outgrew MAX_RECORD_CHARS."""


class _Lines:
    """Physical lines for ``csv.reader``; remembers those of the record being read."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self._stream = stream
        self._again: deque[str] = deque()
        self._size = 0
        self.pending: list[str] = []
        self.line_number = 1  # of the first pending line

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline(MAX_RECORD_CHARS)
        if not line:
            raise StopIteration
        self.pending.append(line)
        self._size += len(line)
        if self._size >= MAX_RECORD_CHARS:
            if len(line) >= MAX_RECORD_CHARS:
                self._drain(line)
            raise _RecordTooLongError
        return line

    def _drain(self, piece: str) -> None:
        """Skip the rest of a physical line too long to hold."""
        while piece and not piece.endswith(("\n", "\r")):
            piece = self._stream.readline(MAX_RECORD_CHARS)

    def done(self) -> str:
        """The text of the record just read; the next record begins after it."""
        lines, self.pending, self._size = self.pending, [], 0
        self.line_number += len(lines)
        return lines[0] if len(lines) == 1 else "".join(lines)

    def drop_first(self) -> str:
        """Give up the first pending line and feed the others again."""
        first, *others = self.pending
        self._again.extendleft(reversed(others))
        self.pending, self._size = [], 0
        self.line_number += 1
        return first


def open_text(source: Path) -> io.TextIOWrapper:
    """Open a text file by its byte order mark, else as UTF-8; bytes that are not UTF-8 stay detectable."""
    if is_utf16(source):
        return source.open("r", encoding="utf-16", newline="")
    return source.open("r", encoding="utf-8-sig", errors="surrogateescape", newline="")


def open_text_at(source: Path, offset: int) -> io.TextIOWrapper:
    """Open a UTF-8 file at a byte that begins a line."""
    binary = source.open("rb")
    binary.seek(offset)
    encoding = "utf-8" if offset else "utf-8-sig"
    return io.TextIOWrapper(binary, encoding=encoding, errors="surrogateescape", newline="")


def is_utf16(source: Path) -> bool:
    """Whether a file begins with the byte order mark of UTF-16."""
    with source.open("rb") as probe:
        return probe.read(2) in _UTF16_MARKS


def printable(text: str) -> str:
    """Text fit for storage: undecodable bytes written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def read_records(
    stream: io.TextIOBase, delimiter: str, fallback_encoding: str = "", rows_before: int = 0
) -> Iterator[Row | BrokenRow]:
    """Split a text stream into records. Raises UnicodeDecodeError only for broken UTF-16.

    ``rows_before``: rows, each one line, that stand before the stream. ``fallback_encoding``: how rows that
    are not UTF-8 are read; without one they are broken.
    """
    lines = _Lines(stream)
    lines.line_number += rows_before
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    row_number = rows_before
    while True:
        line_number = lines.line_number
        try:
            fields = next(reader)
        except StopIteration:
            return
        except (csv.Error, _RecordTooLongError) as error:
            row_number += 1
            reason = _reason(error, len(lines.pending))
            text = lines.drop_first()
            yield BrokenRow(row_number, line_number, len(text), reason, text)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        row_number += 1
        text = lines.done()
        if not fields:
            continue
        fault = _text_fault(text)
        if fault == "BAD_ENCODING" and fallback_encoding:
            fields, fault = _decoded_again(text, fields, fallback_encoding)
        if fault:
            yield BrokenRow(row_number, line_number, len(text), fault, text)
        else:
            yield Row(row_number, line_number, len(text), fields)


def _reason(error: Exception, line_count: int) -> str:
    """What broke a record; csv.Error says so in words only. Past its first line, a quote was left open."""
    if isinstance(error, csv.Error) and "expected after" in str(error):
        return "BAD_QUOTING" if line_count == 1 else "UNCLOSED_QUOTE"
    if isinstance(error, csv.Error) and "unexpected end" in str(error):
        return "UNCLOSED_QUOTE"
    return "FIELD_TOO_LONG" if line_count == 1 else "UNCLOSED_QUOTE"


def _text_fault(text: str) -> str:
    if "\x00" in text:
        return "CONTROL_CHARACTER"
    return "BAD_ENCODING" if not text.isascii() and _UNDECODED.search(text) else ""


def _decoded_again(text: str, fields: list[str], encoding: str) -> tuple[list[str], str]:
    """Fields of a row in another encoding; a row that is partly UTF-8 cannot be told, and stays broken."""
    if not _UNDECODED.sub("", text).isascii():
        return fields, "BAD_ENCODING"
    try:
        return [each.encode("utf-8", "surrogateescape").decode(encoding) for each in fields], ""
    except UnicodeDecodeError:
        return fields, "BAD_ENCODING"
