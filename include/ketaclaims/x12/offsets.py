"""Segment boundaries inside one buffer, as numpy offset arrays: pure functions over bytes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ketaclaims.x12.pieces import continues, is_cuttable, is_known

Offsets = NDArray[np.int64]

_HEAD_BYTES = 8  # an id, its separator and the line breaks that may stand between them
_CASE = 0xDF  # clears the bit that tells ASCII letters' case


def _class_table(accept: Callable[[int], bool]) -> NDArray[np.bool_]:
    return np.array([accept(byte) for byte in range(256)])


_SPACE = _class_table(lambda byte: byte in (9, 10, 13, 32))
_LETTER = _class_table(lambda byte: byte < 128 and chr(byte).isalpha())
_ALNUM = _class_table(lambda byte: byte < 128 and chr(byte).isalnum())


def split(
    data: bytes, position: int, stop: int, terminator: int, closed: bool
) -> tuple[Offsets, Offsets, bool]:
    """Starts and ends between terminators in ``data[position:stop]``; whether text follows the last one.

    That text is a segment of its own only where the data are ``closed``: no more bytes will complete it.
    """
    region = np.frombuffer(data, np.uint8, stop - position, position)
    ends = np.flatnonzero(region == terminator) + position
    starts = np.empty_like(ends)
    if len(ends):
        starts[0], starts[1:] = position, ends[:-1] + 1
    tail = int(ends[-1]) + 1 if len(ends) else position
    unterminated = closed and bool(data[tail:stop].strip())
    if unterminated:
        starts, ends = np.append(starts, tail), np.append(ends, stop)
    return starts, ends, unterminated


def trim(data: bytes, starts: Offsets, ends: Offsets) -> tuple[Offsets, Offsets]:
    """Cut white space (line breaks after a terminator, blanks before one) and drop empty segments."""
    array = np.frombuffer(data, np.uint8)
    starts, ends = starts.copy(), ends.copy()
    for _ in range(4):  # by column while it is the usual byte or two ...
        blank = (starts < ends) & _SPACE[array[np.minimum(starts, len(array) - 1)]]
        blank_end = (starts < ends) & _SPACE[array[np.maximum(ends - 1, 0)]]
        if not blank.any() and not blank_end.any():
            break
        starts += blank
        ends -= blank_end & (starts < ends)
    else:  # ... and each by itself where it is more
        for index in np.flatnonzero(blank | blank_end):
            text = data[starts[index] : ends[index]]
            starts[index] += len(text) - len(text.lstrip())
            ends[index] = starts[index] + len(text.strip())
    filled = starts < ends
    return starts[filled], ends[filled]


def glue(
    data: bytes, starts: Offsets, ends: Offsets, separator: int
) -> tuple[Offsets, Offsets, frozenset[int]]:
    """Give pieces that do not begin with a segment id back to the segment before them.

    A terminator inside a name or a note cuts a segment in two; the second piece has no ``ID*`` head, or one
    that only looks like it (see ``pieces``).
    """
    array = np.frombuffer(data, np.uint8)
    last = len(array) - 1
    byte = [array[np.minimum(starts + k, last)] for k in range(4)]
    two = (byte[2] == separator) & (ends - starts > 2)
    three = _ALNUM[byte[2]] & (byte[3] == separator) & (ends - starts > 3)
    is_plain = _LETTER[byte[0]] & _ALNUM[byte[1]] & (two | three)
    is_head = is_plain.copy()
    for index in np.flatnonzero(~is_head):  # few, but for lines wrapped inside an id
        is_head[index] = _is_wrapped_head(data[starts[index] : ends[index]], separator)
    heads = np.flatnonzero(is_head)
    ids = [each[heads] for each in byte]
    # an id with a line break in it says nothing here: what follows it is looked at
    may_be_cut = is_cuttable(ids, two[heads]) | ~is_plain[heads]
    odd = ~is_known(ids, two[heads])
    odd[1:] &= may_be_cut[:-1]
    for at in np.flatnonzero(odd).tolist():
        begin, this = heads[max(at - 1, 0)], heads[at]
        before, piece = data[starts[begin] : ends[this - 1]], data[starts[this] : ends[this]]
        is_head[this] = begin == this or not is_head[begin] or not continues(before, piece, separator)
    heads = np.flatnonzero(is_head)
    if len(heads) == len(starts):
        return starts, ends, frozenset()
    if not len(heads) or heads[0] != 0:  # nothing before the first piece: it stands alone
        heads = np.insert(heads, 0, 0)
    lasts = np.append(heads[1:], len(starts)) - 1
    glued = frozenset(np.flatnonzero(lasts > heads).tolist())
    return starts[heads], ends[lasts], glued


def _is_wrapped_head(piece: bytes, separator: int) -> bool:
    """Whether a segment id with a line break inside or behind it begins the piece."""
    head = piece[:_HEAD_BYTES]
    text = head.translate(None, b"\r\n")
    if len(text) == len(head):
        return False
    segment_id, mark, _ = text.partition(bytes([separator]))
    return bool(mark) and len(segment_id) in (2, 3) and segment_id.isalnum() and segment_id[:1].isalpha()


def trailer_index(data: bytes, starts: Offsets, ends: Offsets, separator: int) -> int | None:
    """Index of the first IEA."""
    array = np.frombuffer(data, np.uint8)
    last = len(array) - 1
    match = ends - starts > 3
    for k, letter in enumerate(b"IEA"):
        match &= (array[np.minimum(starts + k, last)] & _CASE) == letter
    match &= array[np.minimum(starts + 3, last)] == separator
    maybe = ((array[np.minimum(starts, last)] & _CASE) == ord("I")) & ~match
    for index in np.flatnonzero(maybe):  # a line break may stand inside the id
        head = data[starts[index] : ends[index]][:_HEAD_BYTES].translate(None, b"\r\n")
        match[index] = head[:4].upper() == b"IEA" + bytes([separator])
    found = np.flatnonzero(match)
    return int(found[0]) if len(found) else None


def is_wrapped(text: bytes, starts: Offsets, ends: Offsets) -> bool:
    """Whether line breaks stand inside segments; ``starts`` and ``ends`` are offsets into ``text``."""
    count = text.count(b"\n") + text.count(b"\r")
    if not count:
        return False
    array = np.frombuffer(text, np.uint8)
    gaps = starts[1:] - ends[:-1]
    if len(gaps) and gaps.max() <= 2:  # a terminator and at most one byte beside it
        between = array[ends[:-1]], array[ends[:-1] + gaps - 1][gaps == 2]
        return count != sum(int(((each == 10) | (each == 13)).sum()) for each in between)
    breaks = np.flatnonzero((array == 10) | (array == 13))
    owner = np.searchsorted(starts, breaks, side="right") - 1
    return bool((breaks < ends[owner]).any())
