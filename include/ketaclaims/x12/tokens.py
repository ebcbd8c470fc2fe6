"""Bytes of an X12 file → blocks of segments as offset arrays, in bounded memory and linear time.

This is the seam between finding segments (here: numpy over whole chunks) and turning them into columns
(``remit_reader``). It knows delimiters and where interchanges begin and end, and nothing of the 835.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from ketaclaims.x12.delimiters import (
    HEADER_BYTES,
    HEADER_WINDOW,
    LEADING_LIMIT,
    Delimiters,
    begins_header,
    find_header,
)
from ketaclaims.x12.offsets import Offsets, glue, is_wrapped, split, trailer_index, trim

CHUNK_BYTES = 1_000_000
BOM_UTF8 = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF16_HEADS = (b"I\0S\0A\0", b"\0I\0S\0A")
_PADDING = b"\0\x1a \t\r\n"  # what some systems fill a block with after the last segment


class InputRefused(Exception):  # noqa: N818 - the input is at fault, not the program
    """The file cannot be read on as X12 at all."""

    def __init__(self, code: str, message: str, byte_offset: int | None = None) -> None:
        self.code, self.message, self.byte_offset = code, message, byte_offset
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True, slots=True)
class SegmentBlock:
    """Whole segments ``data[starts[i]:ends[i]]`` of one interchange, in order, white space around them cut.

    ``glued`` holds the indexes of segments with a terminator inside their data; ``wrapped`` says that line
    breaks stand inside segments; ``unterminated`` that the last segment ended with the data.
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


class Tokeniser:
    """Reads one binary stream once; iterate ``blocks()``."""

    def __init__(self, stream: BinaryIO, max_segment_bytes: int, chunk_bytes: int = CHUNK_BYTES) -> None:
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
        self._gap_head = b""  # its first bytes
        self._gap_leading = False
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
        if not self._seen_header:
            raise self._no_header()
        yield from self._end_gap()

    def _no_header(self) -> InputRefused:
        if self._gap_start is None:
            return InputRefused("EMPTY", "the file holds nothing but white space", 0)
        if begins_header(self._gap_head) and self._gap_bytes < HEADER_BYTES:
            return InputRefused("TRUNCATED", "the file ends inside its ISA header", 0)
        return InputRefused("NOT_X12", "no readable ISA header", 0)

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
        self._gap_head = (self._gap_head + text[:4])[:4]
        at = self._buffer.find(b"ISA", start, stop + 2)
        while at >= 0 and not self._gap_broken:
            self._gap_broken = begins_header(self._buffer[at : at + 4])
            at = self._buffer.find(b"ISA", at + 1, stop + 2)
        if not self._seen_header and self._gap_bytes > LEADING_LIMIT:
            raise InputRefused("NOT_X12", f"no ISA header in the first {LEADING_LIMIT} bytes", 0)

    def _end_gap(self) -> Iterator[Gap]:
        if self._gap_start is not None:
            yield Gap(self._gap_start, self._gap_bytes, self._gap_leading, self._gap_broken)
        self._gap_start, self._gap_bytes, self._gap_head, self._gap_broken = None, 0, b"", False

    # inside an interchange

    def _next_block(self, position: int) -> tuple[SegmentBlock | None, int]:
        """Segments from ``position`` to the end of the interchange or of the buffer; where to read on.

        While data are to come the last segment is held back: what follows may turn out to belong to it.
        """
        delimiters = self._delimiters
        if delimiters is None:
            raise AssertionError("called outside an interchange")
        stop, next_header = self._region(position, delimiters)
        closed = next_header or self._at_end
        starts, ends, unterminated = split(self._buffer, position, stop, delimiters.terminator, closed)
        starts, ends = trim(self._buffer, starts, ends)
        starts, ends, glued = glue(self._buffer, starts, ends, delimiters.element)
        trailer = trailer_index(self._buffer, starts, ends, delimiters.element)
        if trailer is not None:
            starts, ends = starts[: trailer + 1], ends[: trailer + 1]
            after = self._buffer.find(bytes([delimiters.terminator]), int(ends[-1]), stop)
            position, self._delimiters = (stop if after < 0 else after + 1), None
        elif closed:
            position, self._delimiters = stop, None
        elif len(starts):
            position = int(starts[-1])
            starts, ends = starts[:-1], ends[:-1]
        self._check_lengths(starts, ends)
        if not len(starts):
            return None, position
        return self._block(starts, ends, glued, unterminated, delimiters), position

    def _region(self, position: int, delimiters: Delimiters) -> tuple[int, bool]:
        """Where this interchange ends at the latest, and whether the next header stands there.

        Keeps the work linear when one buffer holds many small interchanges.
        """
        stop = len(self._buffer)
        terminator = bytes([delimiters.terminator])
        trailer = self._buffer.find(b"IEA" + bytes([delimiters.element]), position)
        while trailer >= 0:
            before = self._buffer[max(position, trailer - 64) : trailer]
            edge = len(before.rstrip())
            if trailer == position or terminator in before[max(edge - 1, 0) :]:
                end = self._buffer.find(terminator, trailer)
                stop = end + 1 if end >= 0 else stop
                break
            trailer = self._buffer.find(b"IEA" + bytes([delimiters.element]), trailer + 1)
        header = find_header(self._buffer, position + 3, stop, strict=True)
        return (header[0], True) if header else (stop, False)

    def _check_lengths(self, starts: Offsets, ends: Offsets) -> None:
        too_long = np.flatnonzero(ends - starts > self._max_segment)
        if len(too_long):
            self._refuse_long(self._base + int(starts[too_long[0]]))

    def _block(
        self,
        starts: Offsets,
        ends: Offsets,
        glued: frozenset[int],
        unterminated: bool,
        delimiters: Delimiters,
    ) -> SegmentBlock:
        first, last = int(starts[0]), int(ends[-1])
        inner = self._buffer[first:last]
        starts, ends = starts - first, ends - first
        return SegmentBlock(
            data=inner,
            starts=starts,
            ends=ends,
            delimiters=delimiters,
            file_offset=self._base + first,
            glued=frozenset(index for index in glued if index < len(starts)),
            wrapped=delimiters.terminator not in b"\r\n" and is_wrapped(inner, starts, ends),
            unterminated=unterminated,
        )
