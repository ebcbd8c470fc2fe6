"""Compiled reading of text: elements of a segment, and the canonical text of ``canonical``."""

import numpy as np
from numpy.typing import NDArray

from ketaclaims.x12.canonical import COMPOSITES, DECIMALS
from ketaclaims.x12.cells import BLANKS, CANON, LOWER, MAX_ELEMENTS, NULL
from ketaclaims.x12.kernel_jit import plain_njit


def _element_kinds() -> NDArray[np.uint8]:
    """For each segment id with numbers or composites: 1 a number, 2 a composite, by element position."""
    kinds = np.zeros((len(DECIMALS), MAX_ELEMENTS), np.uint8)
    for row, (segment_id, positions) in enumerate(DECIMALS.items()):
        kinds[row, list(positions)] = 1
        kinds[row, list(COMPOSITES.get(segment_id, ()))] = 2
    return kinds


_KINDS = _element_kinds()
_KEYS = np.array([int.from_bytes(text.encode(), "big") for text in DECIMALS], np.int64)


@plain_njit
def filled(src, k):
    """Whether element ``k`` is there."""
    return src.to[k] > src.from_[k]


@plain_njit
def tail_filled(src, k):
    """Whether any element from ``k`` on is there."""
    for at in range(k, src.extent[0]):  # noqa: SIM110 - compiled
        if src.to[at] > src.from_[at]:
            return True
    return False


@plain_njit
def cell(src, k):
    """Element ``k`` as a text cell."""
    length = src.to[k] - src.from_[k]
    return src.from_[k] << 24 | length if length > 0 else NULL


@plain_njit
def is_one_of(value, values):
    """Membership in a tuple of numbers."""
    for each in values:  # noqa: SIM110 - compiled
        if value == each:
            return True
    return False


@plain_njit
def is_digits(data, start, end):
    """Whether ``data[start:end]`` is digits only."""
    for at in range(start, end):  # noqa: SIM110 - compiled
        if data[at] < 48 or data[at] > 57:
            return False
    return True


@plain_njit
def _bound(src, k, start, end):
    """Note the bounds of element ``k``, blanks around it cut; how many were cut."""
    length = end - start
    while start < end and src.data[start] == 32:
        start += 1
    while end > start and src.data[end - 1] == 32:
        end -= 1
    src.from_[k], src.to[k] = start, end
    return length - (end - start)


@plain_njit
def split_elements(src, scan, state, index):
    """Bounds of the segment's elements, a bit per element with small letters; its id as a number, or -1.

    On the way its text goes to ``canon``, as it is where no blank, number or composite asks for more.
    """
    end, start, k, n, cut = scan.ends[index], scan.starts[index], 0, state[CANON], 0
    state[LOWER] = 0
    for at in range(start, end):
        byte = src.data[at]
        mark = scan.marks[byte]
        scan.canon[n] = scan.capitals[byte]
        n += 1
        if mark == 0:
            continue
        if mark == 4 or k == MAX_ELEMENTS - 1:
            return -1
        if mark == 1:
            state[LOWER] |= 1 << k
        elif mark == 2:
            cut += _bound(src, k, start, at)
            start = at + 1
            k += 1
    cut += _bound(src, k, start, end)
    for rest in range(k + 1, src.extent[0]):
        src.from_[rest] = src.to[rest] = end
    src.extent[0], src.extent[1] = k + 1, end
    state[BLANKS] = cut
    return -1 if state[LOWER] & 1 or src.to[0] - src.from_[0] > 3 else short_text(src, 0)


@plain_njit
def short_text(src, k):
    """An element of up to seven bytes as one number."""
    value = np.int64(0)
    for at in range(src.from_[k], src.to[k]):
        value = value << 8 | np.int64(src.data[at])
    return value


@plain_njit
def _put(src, canon, n, start, end):
    """Copy text in capitals; returns the new length."""
    for at in range(start, end):
        byte = src.data[at]
        canon[n] = byte - 32 if 97 <= byte <= 122 else byte
        n += 1
    return n


@plain_njit
def _put_composite(src, canon, n, start, end):
    first = n
    for at in range(start, end):
        byte = src.data[at]
        canon[n] = 0x1E if byte == src.component else byte - 32 if 97 <= byte <= 122 else byte
        n += 1
    while n > first and canon[n - 1] == 0x1E:
        n -= 1
    return n


@plain_njit
def _put_decimal(src, canon, n, start, end):
    """One spelling per number (``values.plain_decimal``)."""
    begin = start + (start < end and src.data[start] == 45)
    point = begin
    while point < end and 48 <= src.data[point] <= 57:
        point += 1
    last = end
    is_plain = point == end or (src.data[point] == 46 and is_digits(src.data, point + 1, end))
    if not is_plain or end - begin == (point < end):
        return _put(src, canon, n, start, end)
    while begin < point and src.data[begin] == 48:
        begin += 1
    while last > point and (src.data[last - 1] == 48 or last - 1 == point):
        last -= 1
    if begin > start and src.data[start] == 45 and (begin < point or last > point):
        canon[n] = 45
        n += 1
    if begin == point:
        canon[n] = 48
        n += 1
    return _put(src, canon, n, begin, last)


@plain_njit
def _row_of(key):
    for row in range(len(_KEYS)):
        if _KEYS[row] == key:
            return row
    return -1


@plain_njit
def canonical(src, canon, state, key):
    """Add the segment's canonical text, as ``canonical.canonical`` spells it, and the mark of its end."""
    first = n = state[CANON]
    row = _row_of(key)
    last = src.extent[0] - 1
    if row < 0 and state[BLANKS] == 0:
        n += src.to[last] - src.from_[0]
        last = -1
    while last > 0 and not filled(src, last):
        last -= 1
    for k in range(last + 1):
        if k > 0:
            canon[n] = 0x1F
            n += 1
        kind = 0 if row < 0 else _KINDS[row, k]
        if kind == 1:
            n = _put_decimal(src, canon, n, src.from_[k], src.to[k])
        elif kind == 2:
            n = _put_composite(src, canon, n, src.from_[k], src.to[k])
        else:
            n = _put(src, canon, n, src.from_[k], src.to[k])
    while n > first and canon[n - 1] == 0x1F:
        n -= 1
    canon[n] = 0x1D
    state[CANON] = n + 1
