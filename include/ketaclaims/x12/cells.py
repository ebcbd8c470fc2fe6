"""What the compiled reader works on, seen from both sides: cells, tables, the state, the bytes."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.int64]
Bytes = NDArray[np.uint8]

NULL = -(2**63)
LENGTH_BITS = 24
LARGEST_BLOCK_BYTES = 1 << LENGTH_BITS  # a longer element would not fit a cell
MAX_ELEMENTS = 32
NARROW, WIDE, DECIMAL, TEXT = range(4)  # kinds of columns: int32, int64, decimal128, text

# classes of bytes: plain text, small letter, element separator, blank, what the compiled reader leaves alone
PLAIN, SMALL, SEPARATOR, BLANK, ODD = range(5)

# the state vector: where reading stands, rows written, sums of the run, the open claim and line
BASE, ST, CLAIMS, LX, STOP, LOWER = 0, 1, 2, 3, 4, 5
N_CLAIM, N_LINE, N_CAS, N_REMARK, N_REF, N_DATE, N_AMOUNT, N_PARTY, N_OTHER, CANON = range(6, 16)
T_CLP, T_REVERSAL, T_CLP03, T_CLP04, T_CLP05, T_SVC, T_SVC02, T_SVC03, T_CAS_N, T_CAS, T_LQ = range(16, 27)
LINE, SEQ, ADJUSTED, REMARKS, C_SEQ, C_ADJUSTED, C_REMARKS = range(27, 34)
L_ADJUSTED, L_CHARGE, L_PAID, PATIENT, REVERSAL = range(34, 39)
BLANKS = 39
STATE_SIZE = 40

# why a run ended: at what is no claim, at a claim for the handlers, or with no room for more rows
AT_OTHER, AT_ODD, FULL = 0, 1, 2

# the tables, as first index of their cells: table, row, column; the columns are those after the lineage
R_CLAIM, R_LINE, R_CAS, R_REMARK, R_REF, R_DATE, R_AMOUNT, R_PARTY, R_OTHER = range(9)
TABLES, WIDEST = 9, 24


class Source(NamedTuple):
    """A block's bytes with the two level words behind them, and the segment at hand.

    ``from_`` and ``to`` hold the bounds of its elements, ``extent`` their number and the segment's end.
    """

    data: Bytes
    from_: Cells
    to: Cells
    extent: Cells
    component: int
    claim_word: int
    line_word: int


class Scan(NamedTuple):
    """What splitting needs: bounds of the segments, classes and capitals of bytes (see ``kernel_text``).

    ``canon`` takes the canonical text.
    """

    starts: Cells
    ends: Cells
    marks: Bytes
    capitals: Bytes
    canon: Bytes


def key(text: str) -> int:
    """A short text as the number that ``code`` makes of it."""
    return int.from_bytes(text.encode(), "big")


def capitals(element: int) -> NDArray[np.uint8]:
    """What every byte is in canonical text."""
    table = np.arange(256, dtype=np.uint8)
    table[ord("a") : ord("z") + 1] -= 32
    table[element] = 0x1F
    return table


def byte_classes(element: int, component: int, terminator: int) -> NDArray[np.uint8]:
    """The class of every byte under these delimiters."""
    classes = np.full(256, ODD, np.uint8)
    classes[33:127] = PLAIN
    classes[ord("a") : ord("z") + 1] = SMALL
    classes[32] = BLANK
    classes[component] = PLAIN
    classes[element], classes[terminator] = SEPARATOR, ODD
    return classes


def text_cell(start: int, length: int) -> int:
    """The cell of a text."""
    return start << LENGTH_BITS | length


def text_of(data: bytes, value: int) -> str | None:
    """The text of a cell."""
    if value == NULL:
        return None
    start = value >> LENGTH_BITS
    return data[start : start + (value & (1 << LENGTH_BITS) - 1)].decode("ascii")


def words(*values: Any) -> list[int]:
    """Arguments as compiled code takes them: numbers, arrays (as nine words of numba), tuples of both."""
    found: list[int] = []
    for value in values:
        if isinstance(value, np.ndarray):
            address = value.__array_interface__["data"][0]
            found += [0, 0, value.size, value.itemsize, address, *value.shape, *value.strides]
        elif isinstance(value, tuple):
            found += words(*value)
        else:
            found.append(int(value))
    return found
