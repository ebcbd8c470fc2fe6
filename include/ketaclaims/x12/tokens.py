"""Bytes of an X12 file → blocks of segments as offset arrays, in bounded memory and linear time.

This is the seam between finding segments (here: numpy over whole chunks) and turning them into columns
(``remit_reader``). It knows delimiters and where interchanges begin and end, and nothing of the 835.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ketaclaims.x12.delimiters import HEADER_WINDOW, LEADING_LIMIT, Delimiters, begins_header, find_header

Offsets = NDArray[np.int64]

CHUNK_BYTES = 2_000_000
BOM_UTF8 = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF16_HEADS = (b"I\0S\0A\0", b"\0I\0S\0A")
_PADDING = b"\0\x1a \t\r\n"  # what some systems fill a block with after the last segment
_CASE = 0xDF  # clears the bit that tells ASCII letters' case


class InputRefused(Exception):  # noqa: N818 - the input is at fault, not the program
    """The file cannot be read on as X12 at all."""

    def __init__(self, code: str, message: str, byte_offset: int | None = None) -> None:
        self.code, self.message, self.byte_offset = code, message, byte_offset
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True, slots=True)
class SegmentBlock:
    """Whole segments ``data[starts[i]:ends[i]]`` of one interchange, in order, white space around them cut.

    ``glued`` holds the indexes of segments with a terminator inside their data; ``wrapped`` says that line
    breaks stand inside segments; ``unterminated`` that the last segment ended with the data, not a terminator.
    """

    data: bytes
    starts: Offsets
    ends: Offsets
    delimiters: Delimiters
    file_offset: int
    glued: frozenset[int]
    wrapped: bool
    unterminated: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """Text outside any interchange that is more than padding or a byte order mark."""

    file_offset: int
    byte_count: int
    leading: bool
    broken_header: bool  # an ISA begins here that cannot be read


def _class_table(accept: Callable[[int], bool]) -> NDArray[np.bool_]:
    return np.array([accept(byte) for byte in range(256)])


_SPACE = _class_table(lambda byte: byte in (9, 10, 13, 32))
_LETTER = _class_table(lambda byte: byte < 128 and chr(byte).isalpha())
_ALNUM = _class_table(lambda byte: byte < 128 and chr(byte).isalnum())


class Tokeniser:
    """Reads one binary stream once; iterate ``blocks()``."""

    def __init__(
        self, stream: BinaryIO, max_segment_bytes: int, chunk_bytes: int = CHUNK_BYTES
    ) -> None:
        self._stream = stream
        self._max_segment = max_segment_bytes
        self._chunk = chunk_bytes
        self._buffer = b""
        self._base = 0  # file offset of the buffer
        self._at_end = False
        self._delimiters: Delimiters | None = None
        self._seen_header = False
        self._gap_start: int | None = None
        self._gap_bytes = 0
        self._gap_broken = False
        self.has_byte_order_mark = False

    def blocks(self) -> Iterator[SegmentBlock | Gap]:
        """Yield blocks and gaps in file order; raise ``InputRefused`` where reading on makes no sense."""
        self._fill()
        self._check_head()
        while True:
            position = 0
            while position < len(self._buffer):
                if self._delimiters is None:
                    found, position = self._seek(position)
                    if not found:
                        break
                    yield from self._end_gap()
                block, position = self._next_block(position)
                if block is not None:
                    yield block
                if self._delimiters is not None:
                    break
            if self._at_end:
                break
            self._keep(position)
            self._fill()
        yield from self._end_gap()
        if not self._seen_header:
            raise InputRefused("NOT_X12", "no ISA header was found", 0)

    def _fill(self) -> None:
        chunk = self._stream.read(self._chunk)
        self._at_end = not chunk
        self._buffer += chunk

    def _keep(self, position: int) -> None:
        self._buffer = self._buffer[position:]
        self._base += position
        if len(self._buffer) > self._max_segment + HEADER_WINDOW:
            self._refuse_long(self._base)

    def _refuse_long(self, offset: int) -> None:
        raise InputRefused("SEGMENT_TOO_LONG", f"a segment is longer than {self._max_segment} bytes", offset)

    def _check_head(self) -> None:
        head = self._buffer[:64]
        if head.startswith(_UTF16_MARKS) or head.lstrip(BOM_UTF8).startswith(_UTF16_HEADS):
            raise InputRefused("INVALID_BYTES", "the file is UTF-16, X12 is sent as ASCII or UTF-8", 0)
        if head.startswith(BOM_UTF8):
            self.has_byte_order_mark = True

    # outside an interchange

    def _seek(self, position: int) -> tuple[bool, int]:
        """Find the next header at or after ``position``; what lies before it belongs to the gap."""
        stop = len(self._buffer) if self._at_end else max(position, len(self._buffer) - HEADER_WINDOW)
        found = find_header(self._buffer, position, stop)
        upto = found[0] if found else stop
        self._note_gap(position, upto)
        if found is None:
            return False, upto
        self._delimiters = found[1]
        self._seen_header = True
        return True, upto

    def _note_gap(self, start: int, stop: int) -> None:
        text = self._buffer[start:stop].replace(BOM_UTF8, b"").strip(_PADDING)
        if not text:
            return
        if self._gap_start is None:
            self._gap_start, self._gap_leading = self._base + start, not self._seen_header
        self._gap_bytes += len(text)
        at = self._buffer.find(b"ISA", start, stop)
        while at >= 0 and not self._gap_broken:
            self._gap_broken = begins_header(self._buffer[at : at + 4])
            at = self._buffer.find(b"ISA", at + 1, stop)
        if not self._seen_header and self._gap_bytes > LEADING_LIMIT:
            raise InputRefused("NOT_X12", f"no ISA header in the first {LEADING_LIMIT} bytes", 0)

    def _end_gap(self) -> Iterator[Gap]:
        if self._gap_start is not None:
            yield Gap(self._gap_start, self._gap_bytes, self._gap_leading, self._gap_broken)
        self._gap_start, self._gap_bytes, self._gap_broken = None, 0, False

    # inside an interchange

    def _next_block(self, position: int) -> tuple[SegmentBlock | None, int]:
        """Segments from ``position`` to the end of the interchange or of the buffer; where to read on.

        While data are to come the last segment is held back: what follows may turn out to belong to it.
        """
        delimiters = self._delimiters
        assert delimiters is not None
        stop, next_header = self._region(position, delimiters)
        starts, ends = self._split(position, stop, delimiters.terminator)
        closed = next_header or self._at_end
        if closed and (not len(ends) or ends[-1] < stop - 1):  # text after the last terminator
            starts, ends = np.append(starts, ends[-1] + 1 if len(ends) else position), np.append(ends, stop)
        unterminated_at = int(starts[-1]) if closed and len(ends) and ends[-1] == stop else -1
        starts, ends = self._trim(starts, ends)
        starts, ends, glued = self._glue(starts, ends, delimiters.element)
        trailer = self._trailer(starts, ends, delimiters.element)
        if trailer is not None:
            starts, ends = starts[: trailer + 1], ends[: trailer + 1]
            position, self._delimiters = min(int(ends[-1]) + 1, stop), None
        elif closed:
            position = stop
            self._delimiters = None if next_header else delimiters
        elif len(starts):
            position = int(starts[-1])
            starts, ends = starts[:-1], ends[:-1]
        if not len(starts):
            return None, position
        return self._block(starts, ends, glued, int(starts[-1]) >= unterminated_at >= 0), position
