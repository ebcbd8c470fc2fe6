"""Compiled steps that all segments share."""

from ketaclaims.x12.cells import BASE, CLAIMS, LINE, N_OTHER, NULL, R_OTHER, ST
from ketaclaims.x12.kernel_jit import plain_njit
from ketaclaims.x12.kernel_text import cell, short_text


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
