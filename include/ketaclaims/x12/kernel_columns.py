"""Compiled turning of rows of cells into the buffers of Arrow columns.

Rows are taken 64 at a time, column by column: a word of validity each, and their cells stay at hand. All
buffers but those of text stand in one arena, seen as int32 (``halves``) and int64 (``longs``); ``at`` is
where each column's validity and values begin in it, in bytes.
"""

from ketaclaims.x12.cells import DECIMAL, LENGTH_BITS, NULL, TEXT, WIDE
from ketaclaims.x12.kernel_jit import plain_njit

_LENGTH = (1 << LENGTH_BITS) - 1
_ROWS = 64


@plain_njit
def _validity(cells, k, first, end, longs, at):
    """A word of Arrow's validity bitmap; returns how many are null."""
    bits, valid = 0, 0
    for row in range(first, end):
        is_valid = cells[row, k] != NULL
        bits |= is_valid << (row - first)
        valid += is_valid
    longs[(at >> 3) + (first >> 6)] = bits
    return end - first - valid


@plain_njit
def _values(cells, k, kind, first, end, at, halves, longs):
    """Values of fixed width, null ones as 0."""
    if kind == DECIMAL:
        for row in range(first, end):
            value = 0 if cells[row, k] == NULL else cells[row, k]
            longs[(at >> 3) + 2 * row] = value
            longs[(at >> 3) + 2 * row + 1] = value >> 63
    elif kind == WIDE:
        for row in range(first, end):
            longs[(at >> 3) + row] = 0 if cells[row, k] == NULL else cells[row, k]
    else:
        for row in range(first, end):
            halves[(at >> 2) + row] = 0 if cells[row, k] == NULL else cells[row, k]


@plain_njit
def _offsets(cells, k, first, end, at, halves, total):
    for row in range(first, end):
        halves[(at >> 2) + row] = total
        total += 0 if cells[row, k] == NULL else cells[row, k] & _LENGTH
    halves[(at >> 2) + end] = total
    return total


@plain_njit
def fill(cells, count, kinds, at, halves, longs, nulls, text_bytes):
    """Everything but text itself; counts the nulls and the bytes of text of each column."""
    for first in range(0, count, _ROWS):
        end = min(first + _ROWS, count)
        for k in range(len(kinds)):
            nulls[k] += _validity(cells, k, first, end, longs, at[k, 0])
            if kinds[k] == TEXT:
                text_bytes[k] = _offsets(cells, k, first, end, at[k, 1], halves, text_bytes[k])
            else:
                _values(cells, k, kinds[k], first, end, at[k, 1], halves, longs)
    return 0


@plain_njit
def gather(data, cells, count, kinds, at, halves, begins, out):
    """The text of every column, each from its place in ``begins`` on."""
    for first in range(0, count, _ROWS):
        for k in range(len(kinds)):
            if kinds[k] != TEXT:
                continue
            for row in range(first, min(first + _ROWS, count)):
                cell = cells[row, k]
                if cell == NULL:
                    continue
                start, to = cell >> LENGTH_BITS, begins[k] + halves[(at[k, 1] >> 2) + row]
                for n in range(cell & _LENGTH):
                    out[to + n] = data[start + n]
    return 0
