"""Segment bytes → text, naming bytes that are no text instead of replacing them silently."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ketaclaims.x12.tokens import SegmentBlock

_ALLOWED_CONTROLS = (9, 10, 13)  # white space


class Segment(NamedTuple):
    """One segment; ``invalid_at`` is the file offset of its first byte that is no text.

    ``is_cut``: the data ended before its terminator.
    """

    byte_offset: int
    text: str
    invalid_at: int | None
    is_glued: bool = False
    is_cut: bool = False


def segments(block: SegmentBlock) -> Iterator[Segment]:
    """The segments of a block in order."""
    suspects = _suspects(block)
    text = block.data.decode("ascii") if block.data.isascii() else None
    offset = block.file_offset
    cut = len(block.starts) - 1 if block.unterminated else -1
    for index, (start, end) in enumerate(zip(block.starts.tolist(), block.ends.tolist(), strict=True)):
        invalid_at = None
        if text is not None and index not in suspects:
            piece = text[start:end]
        else:
            piece, invalid = _decode(block.data[start:end], suspects.get(index))
            invalid_at = None if invalid is None else offset + start + invalid
        if block.wrapped:
            piece = piece.replace("\r", "").replace("\n", "")
        yield Segment(offset + start, piece, invalid_at, index in block.glued, index == cut)


def _suspects(block: SegmentBlock) -> dict[int, int]:
    """First control character of each segment that has one: segment index → offset within the segment."""
    array = np.frombuffer(block.data, np.uint8)
    delimiters = block.delimiters
    known = (*_ALLOWED_CONTROLS, delimiters.element, delimiters.component, delimiters.terminator)
    control = np.array([(byte < 32 or byte == 127) and byte not in known for byte in range(256)])
    found = np.flatnonzero(control[array])
    suspects: dict[int, int] = {}
    for position, owner in zip(
        found.tolist(), np.searchsorted(block.starts, found, "right").tolist(), strict=True
    ):
        if position < block.ends[owner - 1]:
            suspects.setdefault(owner - 1, position - int(block.starts[owner - 1]))
    return suspects


def _decode(data: bytes, control_at: int | None) -> tuple[str, int | None]:
    """Text, with bytes that are none as ``\\xNN``; the offset of the first invalid byte."""
    try:
        return data.decode(), control_at
    except UnicodeDecodeError as error:
        first = error.start if control_at is None else min(error.start, control_at)
        return data.decode(errors="backslashreplace"), first
