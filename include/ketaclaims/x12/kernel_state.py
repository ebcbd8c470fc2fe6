"""The shape of what the compiled reader works on: tables, source, state, and the steps all segments share."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketaclaims.x12.kernel_jit import plain_njit
from ketaclaims.x12.kernel_text import NULL, cell, short_text

Cells = NDArray[np.int64]
Bytes = NDArray[np.uint8]

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


@plain_njit
def code(src, k):
    """Element ``k`` as one number; -1 where it is empty or longer than any code told apart here."""
    length = src.to[k] - src.from_[k]
    return short_text(src, k) if 0 < length < 8 else -1


@plain_njit
def head(row, state, index):
    """Position columns; the claim and line are null where none is open."""
    row[0] = state[BASE] + index
    row[1] = state[ST]
    row[2] = state[CLAIMS] if state[LINE] >= 0 else NULL
    row[3] = state[LINE] if state[LINE] > 0 else NULL


@plain_njit
def keep(src, tables, state, index):
    """Keep the segment's text."""
    row = tables[R_OTHER, state[N_OTHER]]
    head(row, state, index)
    row[4] = cell(src, 0)
    row[5] = src.from_[0] << 24 | (src.extent[1] - src.from_[0])
    state[N_OTHER] += 1


@plain_njit
def set_first(row, column, value):
    """The first value of a kind stands."""
    if row[column] == NULL:
        row[column] = value
