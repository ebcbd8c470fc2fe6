"""Segment bytes → text, naming bytes that are no text instead of replacing them silently."""

import re
from functools import cache
from typing import NamedTuple

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


class BlockText:
    """The segments of a block, each decoded when it is asked for."""

    def __init__(self, block: SegmentBlock) -> None:
        delimiters = block.delimiters
        self._block = block
        self._control = _control_pattern(delimiters.element, delimiters.component, delimiters.terminator)
        self._cut = len(block.starts) - 1 if block.unterminated else -1

    def __len__(self) -> int:
        return len(self._block.starts)

    def segment(self, index: int) -> Segment:
        """The segment at ``index``."""
        block, start = self._block, int(self._block.starts[index])
        data = block.data[start : block.ends[index]]
        control = self._control.search(data)
        if control is None and data.isascii():
            piece, invalid = data.decode("ascii"), None
        else:
            piece, invalid = _decode(data, control.start() if control else None)
        if block.wrapped:
            piece = piece.replace("\r", "").replace("\n", "")
        offset = block.file_offset + start
        invalid_at = None if invalid is None else offset + invalid
        return Segment(offset, piece, invalid_at, index in block.glued, index == self._cut)


def plain_segments(block: SegmentBlock) -> list[tuple[int, str]]:
    """File offset and text of every segment, where each is plain text as it stands; else none."""
    delimiters = block.delimiters
    control = _control_pattern(delimiters.element, delimiters.component, delimiters.terminator)
    is_odd = block.wrapped or block.glued or block.unterminated
    if is_odd or not block.data.isascii() or control.search(block.data):
        return []
    text, begin = block.data.decode("ascii"), block.file_offset
    bounds = zip(block.starts.tolist(), block.ends.tolist(), strict=True)
    return [(begin + start, text[start:end]) for start, end in bounds]


@cache
def _control_pattern(*delimiters: int) -> re.Pattern[bytes]:
    """Control characters that are neither white space nor delimiters."""
    known = (*_ALLOWED_CONTROLS, *delimiters)
    control = bytes(byte for byte in range(128) if (byte < 32 or byte == 127) and byte not in known)
    return re.compile(b"[" + re.escape(control) + b"]")


def _decode(data: bytes, control_at: int | None) -> tuple[str, int | None]:
    """Text, with bytes that are none as ``\\xNN``; the offset of the first invalid byte."""
    try:
        return data.decode(), control_at
    except UnicodeDecodeError as error:
        first = error.start if control_at is None else min(error.start, control_at)
        return data.decode(errors="backslashreplace"), first
